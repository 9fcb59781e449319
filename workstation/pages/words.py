"""Numbers as a person reads them."""

from __future__ import annotations

from ...edge.contract import ImageInput, ModelInput

_RAISED = str.maketrans("−0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_THIN = "\u202f"  # the narrow space that keeps a unit on the line of its number


def percent(share: float, digits: int = 1) -> str:
    """Word a share from 0 to 1; what is not all or nothing never reads as 100 or 0."""
    text = f"{100 * share:.{digits}f}"
    step = 10.0**-digits
    if share > 0 and float(text) == 0:
        text = f"<{step:.{digits}f}"
    elif share < 1 and float(text) == 100:
        text = f">{100 - step:.{digits}f}"
    return f"{text}{_THIN}%"


def duration(seconds: float) -> str:
    """Word a length of time: 8.4 s, 2 min 21 s, 1 h 5 min."""
    if round(seconds, 1) < 60:
        return f"{seconds:.1f}{_THIN}s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes}{_THIN}min {rest}{_THIN}s"
    return f"{minutes // 60}{_THIN}h {minutes % 60}{_THIN}min"


def milliseconds(latency: float) -> str:
    """Word a latency in milliseconds: 0.003 ms, 4.93 ms, 612 ms."""
    digits = 3 if latency < 0.1 else 2 if latency < 100 else 0
    return f"{latency:.{digits}f}{_THIN}ms"


def file_size(size: int) -> str:
    """Word a number of bytes: 9.75 MB, 2.1 kB."""
    return f"{size / 1e6:.2f}{_THIN}MB" if size >= 1e5 else f"{size / 1e3:.1f}{_THIN}kB"


def points(fraction: float) -> str:
    """Word a difference of two shares in percentage points, without the unit: 0.67, −1.20."""
    return f"{100 * fraction:.2f}".replace("-0.00", "0.00").replace("-", "−")


def number(value: float) -> str:
    """Word a measured number with four significant digits: 0.4732, 3.2 × 10⁻⁵."""
    digits, _, exponent = f"{value:.4g}".replace("-", "−").partition("e")
    if not exponent:
        return digits
    power = exponent.lstrip("+").replace("−0", "−").lstrip("0")
    return f"{digits}{_THIN}×{_THIN}10{power.translate(_RAISED)}"


def model_input(spec: ModelInput) -> str:
    """Word what a network takes."""
    low, high = (f"{bound:g}".replace("-", "−") for bound in spec.range)
    if isinstance(spec, ImageInput):
        return f"{spec.width} × {spec.height} {spec.color.value}, {spec.resize.value}, values {low} to {high}"
    return f"{spec.count} number{'s' if spec.count > 1 else ''}, {low} to {high}"
