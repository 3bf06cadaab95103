"""How the frame looks: Streamlit's theme by code, and the one style sheet."""

from pathlib import Path
from typing import Final

INK: Final = "#14302f"
BAR: Final = "#0f3a3a"
GROUND: Final = "#e9ede6"
PAPER: Final = "#ffffff"
ACCENT: Final = "#0f3a3a"

ICON: Final = Path(__file__).with_name("icon.svg")
STYLE_SHEET: Final = Path(__file__).with_name("theme.css")

SETTINGS: Final[dict[str, str | int | float | bool]] = {
    "theme.base": "light",
    "theme.primaryColor": ACCENT,
    "theme.backgroundColor": PAPER,
    "theme.secondaryBackgroundColor": "#f4f6f3",
    "theme.textColor": "#182524",
    "theme.linkColor": "#1d5f7d",
    "theme.borderColor": "#d5dbd6",
    "theme.baseRadius": "8px",
    "theme.buttonRadius": "8px",
    "theme.baseFontSize": 15,
    "theme.paddingTop": "0px",
    "theme.font": (
        "'Source Sans', 'Noto Sans SC', 'Noto Sans CJK SC', 'PingFang SC', "
        "'Microsoft YaHei', sans-serif"
    ),
}
