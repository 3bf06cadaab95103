"""Find a Java for the tests of Spark, or get one: the machine's own, else Debian's Java 17."""

import os
import shutil
import subprocess
import sys

COMMAND = "sudo apt-get install -y openjdk-17-jre-headless"
PACKAGE = "openjdk-17-jre-headless"


def is_there() -> bool:
    """Whether a Java starts."""
    home = os.environ.get("JAVA_HOME")
    path = shutil.which(os.path.join(home, "bin", "java") if home else "java")  # noqa: PTH118
    if path is None:
        return False
    return subprocess.run([path, "-version"], capture_output=True, check=False).returncode == 0


def main() -> int:
    if is_there():
        return 0
    if os.geteuid() == 0 and shutil.which("apt-get"):
        sys.stderr.write("Installing Java 17 (once) …\n")
        install = ["apt-get", "install", "--yes", "--no-install-recommends", PACKAGE]
        for command in (["apt-get", "update", "--quiet"], install):
            subprocess.run(command, stdout=sys.stderr, check=False)
    if is_there():
        return 0
    sys.stderr.write(
        f"The tests of Spark need Java 17, which is not here. Get it with: {COMMAND}\n"
    )
    return 1


if __name__ == "__main__":
    sys.exit(main())
