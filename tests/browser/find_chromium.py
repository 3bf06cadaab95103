"""Find a Chromium for the tests of the browser, or get one: Playwright's own, else Debian's."""

import os
import shutil
import subprocess
import sys

from playwright.sync_api import Error, sync_playwright

SYSTEM = ("chromium", "chromium-browser", "google-chrome")
COMMAND = "sudo apt-get install -y chromium"


def system_chromium() -> str | None:
    """Path of the machine's own Chromium, None where there is none."""
    return next((path for name in SYSTEM if (path := shutil.which(name))), None)


def starts(path: str | None) -> bool:
    """Whether that Chromium (None: Playwright's) really starts."""
    with sync_playwright() as playwright:
        try:
            playwright.chromium.launch(executable_path=path, args=["--no-sandbox"]).close()
        except Error:
            return False
    return True


def ways() -> list[list[str]]:
    """Commands that may bring one, in the order in which to try them."""
    found = [[sys.executable, "-m", "playwright", "install", "chromium"]]
    if os.geteuid() == 0 and shutil.which("apt-get"):
        apt = ["apt-get", "install", "--yes", "--no-install-recommends", "chromium"]
        found = [["apt-get", "update", "--quiet"], apt, *found]
    return found


def is_there() -> bool:
    """Whether any Chromium starts."""
    own = system_chromium()
    return (own is not None and starts(own)) or starts(None)


def main() -> int:
    """0 once there is one; 1 with the one command to run where none can be had."""
    if is_there():
        return 0
    for way in ways():
        sys.stdout.write(f"Getting a Chromium: {' '.join(way)}\n")
        sys.stdout.flush()
        subprocess.run(way, check=False)
        if is_there():
            return 0
    sys.stderr.write(f"No Chromium starts here. Run: {COMMAND}\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
