"""The station's poster as PDF: name, code and short instructions in large type (typst, embedded fonts)."""

import io
import tempfile
from base64 import b64encode
from pathlib import Path

import pylopdf_fonts_zh_cn
import qrcode  # type: ignore[import-untyped]
import typst
from sqlalchemy.orm import Session

from models.regions import Region
from services import access, regions, stations
from services.context import Context

_LAYOUT = Path(__file__).with_name("poster.typ")
FONT_DIR = Path(pylopdf_fonts_zh_cn.__file__).parent


def build_poster(ctx: Context, station_id: int) -> bytes:
    """One A4 page; the code opens the check-in page, in WeChat where an AppID is configured."""
    station = access.access_station(ctx, station_id, "stations.view")
    code = stations.live_code(ctx.session, station.id)
    picture = ctx.gateways.code_maker.make_station_code(code.scene)
    values = {
        "region": _place(ctx.session, station.region_id), "name": station.name, "address": station.address,
        "hours": station.opening_hours or "以站内公示为准", "phone": station.phone or "见站内公示",
        "short": f"{code.short_code[:4]} {code.short_code[4:]}",
    }
    return typst_pdf(_LAYOUT, values, picture)


def _place(session: Session, region_id: int) -> str:
    region: Region = regions.get_region(session, region_id)
    return regions.full_name(session, region)


def typst_pdf(layout: Path, values: dict[str, str], picture: bytes) -> bytes:
    """Compile a layout whose `sys.inputs` are plain strings; the picture lies beside it under `picture`."""
    suffix = "jpg" if picture[:2] == b"\xff\xd8" else "png"
    with tempfile.TemporaryDirectory() as folder:
        main = Path(folder, "main.typ")
        main.write_bytes(layout.read_bytes())
        Path(folder, f"code.{suffix}").write_bytes(picture)
        return typst.compile(str(main), format="pdf", sys_inputs={**values, "picture": f"code.{suffix}"},
                             font_paths=[str(FONT_DIR)], ignore_system_fonts=True)


def data_address(png: bytes) -> str:
    """A picture inside a page itself: it is never stored and never asked for a second time."""
    return f"data:image/png;base64,{b64encode(png).decode()}"


def web_code(address: str) -> bytes:
    """An ordinary QR code of a web address as PNG, for installations without a mini-program."""
    code = qrcode.QRCode(error_correction=qrcode.ERROR_CORRECT_Q, box_size=12, border=4)
    code.add_data(address)
    buffer = io.BytesIO()
    code.make_image(fill_color="black", back_color="white").save(buffer)
    return buffer.getvalue()
