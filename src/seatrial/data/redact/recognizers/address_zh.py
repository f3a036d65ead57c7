"""Chinese addresses: a street, estate or village with a number behind it, and what stands before and after those.

Province, city and district before the street are taken in as far as the writing runs on, or from the province on;
words such as 住在 are not. Districts without a street or a building are places, not addresses.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from seatrial.data.redact.base import Candidate, Gate, RecognizerSettings
from seatrial.data.redact.canonical import Canonical
from seatrial.data.redact.matching import Pattern, candidates, words

__all__ = ["AddressZh"]

PROVINCES = words(
    "北京 天津 上海 重庆 重慶 河北 山西 辽宁 遼寧 吉林 黑龙江 黑龍江 江苏 江蘇 浙江 安徽 福建 江西 山东 山東 "
    "河南 湖北 湖南 广东 廣東 海南 四川 贵州 貴州 云南 雲南 陕西 陝西 甘肃 甘肅 青海 台湾 臺灣 台灣 内蒙古 "
    "內蒙古 广西 廣西 西藏 宁夏 寧夏 新疆 香港 澳门 澳門 台北 臺北 新北市 桃园市 桃園市 台中市 臺中市 台南市 "
    "臺南市 高雄"
)
PROVINCE = Pattern("|".join(PROVINCES))
STREETS = (
    "路|街|道|巷|弄|胡同|里|村|屯|庄|莊|社区|社區|小区|小區|花园|花園|公寓|宿舍|大厦|大廈|广场|廣場|苑|园|園|"
    "城|府|镇|鎮|乡|鄉|组|組|段"
)
COUNT = "[0-9一二三四五六七八九十百零〇A-Za-z]"
UNITS = "号楼|號樓|号院|號院|号|號|弄|巷|座|幢|栋|棟|楼|樓|单元|單元|室|户|戶|层|層|段|组|組|F"
NUMBER = rf"(?: ?{COUNT}{{1,6}}(?:[-之]{COUNT}{{1,4}})?(?:{UNITS})(?:之{COUNT}{{1,3}})?)"
STREET = Pattern(
    rf"(?:{STREETS})(?:[东西南北中東]?[一二三四五六七八九]段)?{NUMBER}{{1,6}}"
    r"(?:线|線)?(?:[0-9]{1,5}\b)?(?: ?[0-9]{6}\b)?"
)
RUN = Pattern(r"(?:[0-9]{3,6} ?)?[\x{4e00}-\x{9fff}0-9]+$")
ENDS_BEFORE = "在到至往从從是为為址于於寄的了来來去给給叫逛送住家"
DISTRICTS = "省市区區县縣州盟旗镇鎮乡鄉"
LINES = ("线".encode(), "線".encode())
LONGEST = 32
"""Characters before the street that may belong to the address."""


class AddressZh:
    """A street with one number and no district could be a date: 逛街3号去; it counts beside a word for an address."""

    entity = "address"
    languages: tuple[str, ...] = ("zh",)
    gate = Gate(beyond_ascii=True)
    context = (
        "地址|住址|住在|家住|家在|居住|寄到|寄送|寄往|送到|送至|送货|送貨|收货|收貨|位于|位於|搬到|户籍|戶籍|"
        "籍贯|通讯处|配送|現居|现居|在"
    )

    def __init__(self, settings: RecognizerSettings) -> None:
        del settings  # the gate of the language is enough

    def find(self, text: Canonical) -> Iterator[Candidate]:
        """Streets with a number, with what belongs to them."""
        data = text.data
        behind = 0

        def with_district(match: Any) -> Candidate | None:
            nonlocal behind
            written = match.group()
            if any(line in written for line in LINES):  # 3号线 is an underground line
                return None
            start = max(behind, match.start() - 3 * LONGEST)
            behind = match.end()
            if start == match.start():
                return None
            while start < len(data) and 0x80 <= data[start] < 0xC0:  # not within a character
                start += 1
            run = RUN.search(data[start : match.start()])
            before = "" if run is None else _from_district(run.group().decode())
            parts = sum(
                map(
                    written.decode().count,
                    ("号", "號", "座", "栋", "棟", "幢", "室", "单元", "單元", "楼", "樓"),
                )
            )
            sure = 0.85 if any(sign in DISTRICTS for sign in before) or parts > 1 else 0.45
            if not before.strip("0123456789 "):
                return None
            return Candidate(match.start() - len(before.encode()), match.end(), sure)

        yield from candidates(STREET, text, with_district)


def _from_district(run: str) -> str:
    """The end of `run` that belongs to the address."""
    province = PROVINCE.search(run.encode())
    if province is not None:
        start = len(run.encode()[: province.start()].decode())
        code = run[:start].rstrip()
        digits = len(code) - len(code.rstrip("0123456789"))
        return run[len(code) - digits if 3 <= digits <= 6 else start :]
    return run[max(map(run.rfind, ENDS_BEFORE)) + 1 :]
