"""Names of stations, halls, crews and quarters of the sample city, with where they lie."""

COMPANY = ("sample-grid", "Sample Grid Company 示例电网公司")
PROVINCE = ("sample-grid-chu", "Chujiang Province Company 楚江省公司")
CITY = ("linjiang", "Linjiang City Company 临江市公司")
COUNTIES = (
    ("linjiang-urban", "Linjiang Urban District 临江城区"),
    ("linjiang-rural", "Linjiang Rural County 临江城郊"),
)
STATIONS = (
    # name, metres east and north of the middle
    ("East Station 东城供电所", 3_000.0, 300.0),
    ("Old Town Station 老城供电所", -500.0, 200.0),
    ("North Station 北城供电所", 200.0, 4_000.0),
    ("South Station 南城供电所", 200.0, -4_000.0),
    ("Dongling Station 东岭供电所", 10_500.0, -3_000.0),
    ("Nanpu Station 南浦供电所", 3_000.0, -10_000.0),
    ("Beigang Station 北港供电所", 3_500.0, 10_500.0),
    ("West Bank Station 西岸供电所", -6_500.0, 0.0),
    ("Qingshan Station 青山供电所", 12_500.0, 5_500.0),
)
HALLS = (
    # code, name, grade, counters, metres east and north; the town's first
    ("old-town", "Old Town Hall 老城营业厅", "A", 8, -350.0, 150.0),
    ("east", "East Hall 东城营业厅", "A", 7, 3_750.0, 450.0),
    ("west", "West Hall 西岸营业厅", "C", 2, None, None),
    ("north", "North Hall 北城营业厅", "B", 5, 350.0, 3_700.0),
    ("south", "South Hall 南城营业厅", "B", 5, 250.0, -3_900.0),
    ("hightech", "Hi-Tech Hall 高新营业厅", "B", 4, 4_700.0, -1_900.0),
    ("university", "University Hall 大学城营业厅", "B", 4, 4_000.0, 3_400.0),
    ("shiqiao", "Shiqiao Hall 石桥营业厅", "C", 2, 10_200.0, 4_300.0),
    ("beigang", "Beigang Hall 北港营业厅", "C", 2, 900.0, 9_300.0),
    ("nanpu", "Nanpu Hall 南浦营业厅", "C", 2, 1_300.0, -9_400.0),
    ("dongling", "Dongling Hall 东岭营业厅", "C", 2, 10_300.0, -3_600.0),
)
BASES = (
    # name, metres east and north, crews
    ("Old Town 老城", -150.0, -650.0, 4),
    ("East 东城", 3_900.0, 700.0, 3),
    ("North 北城", 700.0, 4_600.0, 3),
    ("South 南城", 600.0, -4_700.0, 3),
    ("Dongling 东岭", 9_900.0, -3_300.0, 3),
    ("Shiqiao 石桥", 9_800.0, 4_000.0, 2),
)
OPERATORS = (
    # name, share of the payment points, services
    ("Linjiang Rural Bank 临江农商行", 0.34, "payment;cash;card;firms"),
    ("Jianghe Bank 江河银行", 0.26, "payment;cash;card;firms"),
    ("Yida Post 驿达邮政", 0.22, "payment;cash"),
    ("Kangbai Store 康百便利", 0.18, "payment;card"),
)
QUARTERS = (
    "Caihong 彩虹", "Longtan 龙潭", "Yulan 玉兰", "Songhe 松鹤", "Cuizhu 翠竹", "Jinsha 金沙",
    "Yingze 映泽", "Fengwu 凤梧", "Heyuan 荷园", "Baihe 白鹤", "Lianhua 莲华", "Xingfu 幸芙",
    "Guangming 光铭", "Shuiyun 水韵", "Taoyuan 陶园", "Mingzhu 明珠", "Huilong 回龙",
    "Nanshan 楠山", "Qixing 七星", "Yongan 永安", "Chengnan 澄南", "Jiuli 九里",
    "Wutong 梧桐", "Xishan 西杉",
)  # fmt: skip
