"""Chinese names: a surname and a given name of one or two characters, weighed with the characters around them.

The weights are those of a logistic regression on news that were tagged by hand (`lists/README.md`); words that
introduce a name, and titles behind it, add to them.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files

from seatrial.data.redact.base import Candidate, Gate, RecognizerSettings
from seatrial.data.redact.canonical import Canonical
from seatrial.data.redact.matching import Pattern, words

__all__ = ["SURNAMES", "NameZh"]

# The Hundred Family Surnames, a primer of the Song dynasty, in its order; then surnames of today that it lacks.
SINGLE = (
    "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏水窦章云苏潘葛奚范彭郎鲁韦昌马苗凤花方俞任袁柳"
    "酆鲍史唐费廉岑薛雷贺倪汤滕殷罗毕郝邬安常乐于时傅皮卞齐康伍余元卜顾孟平黄和穆萧尹姚邵湛汪祁毛禹狄米贝明臧计伏成戴谈宋茅庞"
    "熊纪舒屈项祝董梁杜阮蓝闵席季麻强贾路娄危江童颜郭梅盛林刁钟徐邱骆高夏蔡田樊胡凌霍虞万支柯昝管卢莫经房裘缪干解应宗丁宣贲邓"
    "郁单杭洪包诸左石崔吉钮龚程嵇邢滑裴陆荣翁荀羊於惠甄曲家封芮羿储靳汲邴糜松井段富巫乌焦巴弓牧隗山谷车侯宓蓬全郗班仰秋仲伊宫"
    "宁仇栾暴甘钭厉戎祖武符刘景詹束龙叶幸司韶郜黎蓟薄印宿白怀蒲邰从鄂索咸籍赖卓蔺屠蒙池乔阴胥能苍双闻莘党翟谭贡劳逄姬申扶堵冉"
    "宰郦雍却璩桑桂濮牛寿通边扈燕冀郏浦尚农温别庄晏柴瞿阎充慕连茹习宦艾鱼容向古易慎戈廖庾终暨居衡步都耿满弘匡国文寇广禄阙东欧"
    "殳沃利蔚越夔隆师巩厍聂晁勾敖融冷訾辛阚那简饶空曾毋沙乜养鞠须丰巢关蒯相查后荆红游竺权逯盖益桓公肖付闫邸苑代涂岳帅佘佟仝冼"
    "敬展覃揭战麦植兰亢仉佴爱年阳谯笪晋楚法汝鄢佘信邝邬迟原门苟税来闪庹占覃嵩宾钱卯"
)
TRADITIONAL = (
    "趙錢孫吳鄭馮陳衛蔣韓楊許呂張嚴華謝鄒竇雲蘇範魯韋馬鳳鮑費賀湯羅畢鄔樂時齊顧黃蕭貝計談龐紀項閔強賈婁顏鐘鍾駱萬盧莫經繆應賁鄧"
    "鬱單諸龔滑陸榮儲烏車寧仇欒鈄厲劉龍葉賴藺蒙喬陰雙聞黨譚貢勞酈卻壽邊莊閻連習魚滿廣祿闕歐師鞏聶簡饒豐關蓋權遲鄺麥蘭戰楊潁陽滿"
)
COMPOUND = (
    "万俟 司马 上官 欧阳 夏侯 诸葛 闻人 东方 赫连 皇甫 尉迟 公羊 澹台 公冶 宗政 濮阳 淳于 单于 太叔 申屠 公孙 "
    "仲孙 轩辕 令狐 钟离 宇文 长孙 慕容 鲜于 闾丘 司徒 司空 亓官 司寇 子车 颛孙 端木 巫马 公西 漆雕 乐正 壤驷 "
    "公良 拓跋 夹谷 宰父 谷梁 百里 东郭 南门 呼延 羊舌 微生 梁丘 左丘 东门 西门 南宫 第五 司馬 歐陽 諸葛 東方 "
    "聞人 濮陽 長孫 鮮于 鍾離 公孫 顓孫 軒轅 尉遲 東郭 南宮 張簡 范姜"
)
SURNAMES = frozenset(SINGLE) | frozenset(TRADITIONAL) | frozenset(COMPOUND.split())
START = Pattern(
    "(" + "|".join(sorted(set(COMPOUND.split()))) + ")|[" + "".join(sorted(set(SINGLE + TRADITIONAL))) + "]"
)
CHARACTER = 3
"""Bytes of a Chinese character in UTF-8."""
INTRODUCTIONS = tuple(
    word.encode()
    for word in words(
        "姓名 名字 我叫 名叫 叫做 联系人 聯絡人 聯繫人 收件人 寄件人 收货人 收貨人 经办人 負責人 负责人 "
        "患者 病人 客户 客戶 顾客 顧客 用户 用戶 户名 戶名 持卡人 申请人 申請人 本人 作者 记者 記者 同事 "
        "朋友 同学 同學 老师 老師 医生 醫生 经理 經理 律师 律師 法官 教授 主任 亲爱的 親愛的 尊敬的 敬爱的 "
        "签名 簽名 签字 学生 學生 员工 員工 店长 房东 房東 邻居 鄰居 代表 我是 这是 這是"
    )
)
TITLES = tuple(
    word.encode()
    for word in words(
        "先生 女士 小姐 老师 老師 同学 同學 医生 醫生 教授 经理 經理 主任 律师 律師 博士 同志 太太 夫人 "
        "师傅 師傅 阿姨 叔叔 局长 校长 院长 部长 总裁 总监 董事 您好 你好 收 亲启 敬上 女史 護士 护士 法官 "
        "警官 的手机 的电话 的電話 的手機 的邮箱 的住址 的地址 的身份"
    )
)
LINKS = "：: 是为為叫「“\"'（(".encode()
SIGNS = {narrow.encode(): wide.encode() for narrow, wide in zip(",:;()!?.", "，：；（）！？。", strict=True)}
EDGE = b"^"
LIFT = 3.5
"""What an introduction or a title adds to the log-odds; it stands for odds of about 30."""
CAUTION = 0.85
"""Added to all log-odds: leaving a name in a text is worse than masking a word. Odds of 3 to 7 become even."""
NEVER = frozenset(
    word.encode()
    for word in words(
        "谢谢 謝謝 多谢 感谢 高兴 高興 方便 时间 時間 时候 時候 和平 安全 白天 黄金 黃金 金额 金額 向前 "
        "于是 於是 应该 應該 经常 經常 经济 經濟 任何 平安 平时 平時 明天 明白 明显 明顯 东西 東西 方法 "
        "方面 高考 平台 常常 何时 何時 全部 全国 全國 计算 金融 马上 馬上 毛病 水平 温度 溫度 温馨 满意 "
        "滿意 严重 嚴重 连接 項目 项目 费用 費用 管理 关于 關於 宝贝 单位 万一 安装 安裝 曾经 曾經"
    )
)
"""Words of everyday writing that news seldom hold."""
LEAST = 0.3
"""Less likely readings are not even candidates."""

Weights = Mapping[bytes, float]


class NameZh:
    """Of readings that overlap the likelier one is kept."""

    entity = "name"
    languages: tuple[str, ...] = ("zh",)
    gate = Gate(beyond_ascii=True)
    context = ""  # only words right beside a name say anything

    def __init__(self, settings: RecognizerSettings) -> None:
        del settings  # the gate of the language is enough

    def find(self, text: Canonical) -> Iterator[Candidate]:
        """Readings that are likely enough."""
        data = text.data
        tables = _tables()
        least = math.log(LEAST / (1 - LEAST))
        pending: tuple[float, int, int] | None = None
        for match in START.matches(data):
            start = match.start()
            reading = _best(data, start, match.end(), tables)
            if reading is None or reading[0] < least or data[start : start + 2 * CHARACTER] in NEVER:
                continue
            if pending is not None:
                if start >= pending[2]:
                    yield _candidate(pending)
                elif reading[0] <= pending[0]:
                    continue
            pending = reading
        if pending is not None:
            yield _candidate(pending)


def _candidate(reading: tuple[float, int, int]) -> Candidate:
    return Candidate(reading[1], reading[2], 1 / (1 + math.exp(-reading[0])))


def _best(data: bytes, start: int, given: int, tables: Mapping[str, Weights]) -> tuple[float, int, int] | None:
    """(log-odds, start, end) of the likeliest reading of a surname that ends at byte `given`."""
    surname = data[start:given]
    first, second = data[given : given + CHARACTER], data[given + CHARACTER : given + 2 * CHARACTER]
    if not _is_chinese(first):
        return None
    before = _neighbour(data[max(0, start - CHARACTER) : start], last=True)
    common = CAUTION + tables["bias"][b"*"] + tables["before"].get(before, 0.0)
    short = common + tables["surname1"].get(surname, 0.0) + tables["given10"].get(first, 0.0)
    short += tables["after1"].get(_neighbour(second), 0.0)
    best, end = short, given + CHARACTER
    if _is_chinese(second):
        third = _neighbour(data[given + 2 * CHARACTER : given + 3 * CHARACTER])
        long = common + tables["surname2"].get(surname, 0.0) + tables["given20"].get(first, 0.0)
        long += tables["given21"].get(second, 0.0) + tables["after2"].get(third, 0.0)
        if _titled(data, given + 2 * CHARACTER):
            long += LIFT
        if _titled(data, given + CHARACTER):
            short += LIFT
        best, end = (long, given + 2 * CHARACTER) if long >= short else (short, given + CHARACTER)
    elif _titled(data, end):
        best += LIFT
    if best > -LIFT - 2 and data[max(0, start - 24) : start].rstrip(LINKS).endswith(INTRODUCTIONS):
        best += LIFT
    return best, start, end


def _neighbour(beside: bytes, *, last: bool = False) -> bytes:
    """The character beside a name as the tables have it: an end of line is an edge, ASCII signs are Chinese ones."""
    byte = beside[-1:] if last else beside[:1]
    if byte >= b"\x80":
        return beside
    if byte in b"\n\t ":  # also where there is none
        return EDGE
    return b"0" if byte.isdigit() else b"a" if byte.isalpha() else SIGNS.get(byte, byte)


def _titled(data: bytes, end: int) -> bool:
    return data.startswith(TITLES, end)


def _is_chinese(character: bytes) -> bool:
    return len(character) == CHARACTER and b"\xe4\xb8\x80" <= character <= b"\xe9\xbf\xbf"


@cache
def _tables() -> dict[str, Weights]:
    """Feature → character, as UTF-8 → weight."""
    content = files("seatrial.data.redact").joinpath("lists/name_zh.tsv").read_text(encoding="utf-8")
    tables: dict[str, Weights] = {}
    for line in content.splitlines():
        kind, _, entries = line.partition("\t")
        row: dict[bytes, float] = {}
        for entry in entries.split(" "):
            cut = next(place for place, sign in enumerate(entry) if place and sign in "-0123456789.")
            row[entry[:cut].encode()] = float(entry[cut:])
        tables[kind] = row
    return tables
