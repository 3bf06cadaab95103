"""Every column named once: its type, unit, meaning and the names under which files bring it."""

from dataclasses import dataclass
from typing import Literal

ColumnType = Literal["text", "number", "integer", "day", "time", "flag", "cell", "geometry"]


@dataclass(frozen=True)
class Column:
    """One column of the vocabulary, in both languages."""

    name: str
    type: ColumnType
    meaning: str
    zh: str
    unit: str = ""
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True)
class Kind:
    """What one kind of file brings: its table, the key of a row and its columns."""

    name: str
    table: str
    key: tuple[str, ...]
    columns: tuple[str, ...]
    required: tuple[str, ...]
    zh: str
    has_place: bool = False


def _c(
    name: str, type_: ColumnType, meaning: str, zh: str, unit: str = "", *aliases: str
) -> Column:
    return Column(name, type_, meaning, zh, unit, aliases)


_COLUMNS = (
    _c("cell_id", "cell", "H3 cell at the base resolution", "网格编号", "", "cell", "h3", "h3_id", "h3_index", "hex_id", "id_hex", "网格", "六边形"),
    _c("unit_id", "text", "Organisational unit", "单位编号", "", "unit", "org_no", "供电单位", "单位编码", "管理单位", "供电所编号", "所属单位"),
    _c("parent_id", "text", "The unit above this one", "上级单位", "", "parent", "上级单位编号", "上级编号"),
    _c("level", "text", "Level of the unit in the company", "层级", "", "级别", "单位层级"),
    _c("name", "text", "Name as given by the source", "名称", "", "title"),
    _c("timezone", "text", "IANA time zone of the unit", "时区", "", "tz", "time_zone"),
    _c("feeder_id", "text", "10 kV feeder", "线路编号", "", "feeder", "feeder_no", "线路编码", "馈线编号", "所属线路"),
    _c("geometry", "geometry", "Shape in WGS-84", "几何", "", "geom", "wkt", "shape"),
    _c("month_energy_kwh", "number", "Energy of a usual month", "月电量", "kWh", "月供电量"),
    _c("transformer_id", "text", "Distribution transformer, i.e. transformer area", "台区编号", "", "transformer", "transformer_no", "台区编码", "台区", "变压器编号", "台区号", "tg_no", "tg_id"),
    _c("kind", "text", "Sort of thing within its table", "类型", "", "type", "类别", "性质"),
    _c("capacity_kva", "number", "Rated capacity", "容量", "kVA", "capacity", "容量kva", "额定容量", "配变容量"),
    _c("metering_side", "text", "Side on which a dedicated transformer is metered", "计量侧", "", "计量方式"),
    _c("valid_from", "time", "Holds from this moment on; empty: since records began", "生效时间", "", "from", "开始时间", "生效日期", "起始日期", "开始日期"),
    _c("valid_to", "time", "Holds until this moment, excluded; empty: until changed", "失效时间", "", "to", "结束时间", "失效日期", "终止日期", "结束日期"),
    _c("lon", "number", "Longitude", "经度", "°", "lng", "longitude", "long", "x", "经度坐标", "easting"),
    _c("lat", "number", "Latitude", "纬度", "°", "latitude", "y", "纬度坐标", "northing"),
    _c("given_x", "number", "First coordinate exactly as the source gave it", "原始X"),
    _c("given_y", "number", "Second coordinate exactly as the source gave it", "原始Y"),
    _c("given_datum", "text", "Datum of the coordinates as given", "原始坐标系"),
    _c("meter_id", "text", "Meter by its asset number", "电能表编号", "", "meter", "meter_no", "表号", "电表编号", "资产编号", "电能表资产号", "表计编号"),
    _c("customer_no", "text", "Customer number", "户号", "", "customer", "customer_id", "cons_no", "客户编号", "用户编号", "用户号", "客户号", "用电户号", "account_no"),
    _c("meter_box_id", "text", "Meter box", "表箱编号", "", "meter_box", "box_id", "表箱", "计量箱编号", "表箱号"),
    _c("role", "text", "What the meter measures", "计量点用途", "", "用途", "计量点性质"),
    _c("multiplier", "number", "CT × PT factor of the readings", "倍率", "1", "综合倍率", "ct_pt", "factor"),
    _c("maker", "text", "Manufacturer", "厂家", "", "manufacturer", "生产厂家", "制造厂家"),
    _c("phone", "text", "Telephone number", "电话", "", "tel", "mobile", "telephone", "联系电话", "手机", "手机号", "手机号码", "电话号码"),
    _c("address", "text", "Address of the supply", "用电地址", "", "addr", "地址", "详细地址", "用户地址"),
    _c("use_type", "text", "What the electricity is used for", "用电类别", "", "use", "usage", "用电性质", "用户类别"),
    _c("tariff", "text", "Tariff code", "电价", "", "tariff_code", "电价代码", "电价码", "执行电价"),
    _c("zone", "text", "Part of the supply area in the source's own division", "片区", "", "area_zone", "供电片区", "区域"),
    _c("voltage_level", "text", "Voltage at which the customer is supplied", "电压等级", "", "voltage", "供电电压"),
    _c("meter_material", "text", "Kind of the metering installation", "计量装置类别", "", "meter_type", "表计类型", "装置类别"),
    _c("months_before", "integer", "How many months before the visit", "距检查月数", "", "month_minus"),
    _c("importance_code", "text", "Grade of an important customer", "重要性等级", "", "importance", "重要等级", "重要客户等级"),
    _c("second_feeder_id", "text", "Second supply of the customer", "备用线路", "", "second_feeder", "第二电源", "备用电源线路"),
    _c("own_generator", "flag", "Has a generator of its own", "自备电源", "", "generator", "自备发电机"),
    _c("life_support", "flag", "A person here depends on powered medical equipment", "生命支持", "", "生命维持设备", "居家医疗设备"),
    _c("prepaid", "flag", "Pays before use", "预付费", "", "是否预付费", "费控"),
    _c("is_disconnected", "flag", "Cut off for debt: a state of the customer, never an outage", "是否欠费停电", "", "欠费停电", "欠费停电标志", "费控停电"),
    _c("connected_on", "day", "Day of first connection", "立户日期", "", "connected", "接电日期", "送电日期", "立户时间"),
    _c("position_source", "text", "Where the position comes from", "坐标来源", "", "坐标采集方式", "位置来源"),
    _c("hall_id", "text", "Business hall", "营业厅编号", "", "hall", "hall_no", "营业厅编码", "网点编号", "营业网点编号"),
    _c("grade", "text", "Grade of the hall", "等级", "", "营业厅等级", "级别等级"),
    _c("counters", "integer", "Staffed counters", "窗口数", "1", "柜台数", "柜台数量"),
    _c("opens", "text", "Opening hours in OpenStreetMap's notation", "营业时间", "", "opening_hours", "hours_open", "服务时间"),
    _c("opening_exceptions", "text", "Departures from the opening hours", "营业例外", "", "特殊营业时间", "节假日安排"),
    _c("self_service_24h", "flag", "Has a self-service zone open day and night", "24小时自助", "", "自助服务区", "24h自助"),
    _c("capabilities", "text", "Matters it can handle, separated by ;", "业务范围", "", "可办业务", "业务能力"),
    _c("bank_id", "text", "Bank branch or payment point", "缴费点编号", "", "bank", "bank_no", "网点代码", "银行网点编号", "代收点编号"),
    _c("operator", "text", "Company that runs it", "运营方", "", "bank_name", "所属银行", "运营单位", "代收单位"),
    _c("services", "text", "Services offered, separated by ;", "服务", "", "服务内容"),
    _c("staff_id", "text", "Member of staff", "员工编号", "", "staff", "staff_no", "工号", "人员编号", "员工工号"),
    _c("skills", "text", "Skills, separated by ;", "技能", "", "资质", "专业", "技能资质"),
    _c("crew_id", "text", "Field crew", "班组编号", "", "crew", "crew_no", "抢修队编号", "班组", "队伍编号"),
    _c("shift", "text", "Hours on shift in OpenStreetMap's notation", "班次", "", "值班时间", "班次时间"),
    _c("members", "text", "Staff ids of its members, separated by ;", "成员", "", "班组成员", "队员"),
    _c("starts_at", "time", "When the shift begins", "上班时间", "", "shift_start", "班次开始", "上岗时间", "值班开始"),
    _c("ends_at", "time", "When the shift ends, excluded", "下班时间", "", "shift_end", "班次结束", "离岗时间", "值班结束"),
    _c("vehicle", "text", "Vehicle of the crew during the shift", "车辆", "", "车牌", "车牌号", "抢修车", "plate"),
    _c("area_id", "text", "Service area", "服务区编号", "", "area", "area_no", "网格编码", "服务网格", "供电网格", "服务区"),
    _c("duty", "text", "Duty in the area", "职责", "", "岗位", "角色"),
    _c("hours", "text", "Hours of the duty in OpenStreetMap's notation", "时段", "", "责任时段"),
    _c("way_id", "text", "Street as the source numbers it", "道路编号", "", "osm_id", "way", "id", "道路id"),
    _c("street", "text", "Name or number of a street", "道路", "", "street_name", "道路名称", "路名"),
    _c("reason", "text", "Why", "原因", "", "封闭原因", "停电原因说明"),
    _c("promise_class", "text", "Class of the service promise of this place", "承诺类别", "", "promise", "地区类别", "服务承诺类别"),
    _c("outage_id", "text", "Outage", "停电编号", "", "outage", "outage_no", "停电事件编号", "停电单号", "outagenumber"),
    _c("status", "text", "Where it stands in its life", "状态", "", "停电状态"),
    _c("cause", "text", "Cause", "原因分类", "", "停电原因", "故障原因"),
    _c("scope", "text", "What is out: transformer:ID, feeder:ID or customer:NO, separated by ;", "停电范围", "", "范围", "影响范围"),
    _c("started_at", "time", "Began", "停电时间", "", "start", "started", "outage_start", "开始停电时间", "outagestarttime"),
    _c("estimated_restore_at", "time", "Estimated restoration", "预计送电时间", "", "etr", "预计恢复时间", "预计复电时间"),
    _c("restored_at", "time", "Power back for the last customer", "送电时间", "", "restored", "end", "复电时间", "恢复时间", "实际送电时间"),
    _c("customers_affected", "integer", "Customers without power", "影响户数", "1", "customers_out", "停电户数", "estcustaffected"),
    _c("parent_outage_id", "text", "The wider outage behind which this one lies", "上级停电编号", "", "parent_outage", "上级停电事件编号"),
    _c("step_at", "time", "When supply was lost or came back for a part", "变化时间", "", "step_time", "操作时间"),
    _c("change", "text", "Whether the part went out or was restored", "停复电", "", "变化类型"),
    _c("customers", "integer", "How many customers the step concerns", "户数", "1", "变化户数"),
    _c("contact_confirmed_on", "day", "Day on which the customer last confirmed the telephone number", "联系方式核实日期", "", "contact_confirmed", "电话核实日期"),
    _c("notice_channel", "text", "How the customer is told of interruptions", "通知渠道", "", "通知方式"),
    _c("report_id", "text", "Fault report by the number its source gave it", "报修编号", "", "report_no", "工单编号", "受理编号", "故障报修编号", "call_id"),
    _c("registered_at", "time", "When the report was registered; the service promise counts from here", "受理时间", "", "registered", "登记时间", "报修时间", "call_time"),
    _c("channel", "text", "How the report came in", "受理渠道", "", "渠道", "来源渠道", "受理途径"),
    _c("caller", "text", "Name of the person who reported", "报修人", "", "联系人", "contact"),
    _c("service_type", "text", "What the caller wants", "业务类型", "", "服务类型"),
    _c("fault_class", "text", "Class of the fault by the table of fault classes", "故障分类", "", "故障类型", "fault_type"),
    _c("note", "text", "What the caller said, in free words", "受理内容", "", "备注", "报修内容"),
    _c("told_at", "time", "When the crew was told", "派工时间", "", "派单时间", "dispatched_at"),
    _c("accepted_at", "time", "When the crew accepted", "接单时间", "", "accepted"),
    _c("arrived_at", "time", "When the crew arrived", "到达现场时间", "", "arrived", "到达时间"),
    _c("verdict", "text", "What triage found before anybody was sent", "研判结果"),
    _c("triage", "text", "Every step of the triage with its evidence, in codes and moments", "研判依据"),
    _c("grouped_by", "text", "Who put the report to its outage: the rule, a person or the file", "归并方式"),
    _c("group_reason", "text", "Why the report belongs to its outage, in codes and figures", "归并依据"),
    _c("month", "day", "Month, told by its first day", "月份", "", "year_month", "ym", "年月", "电费年月", "缴费年月", "缴费月份"),
    _c("payments", "number", "Number of payments", "缴费笔数", "1", "count", "number_of_payments", "笔数", "交费笔数"),
    _c("amount", "number", "Money paid", "缴费金额", "元", "paid", "sum", "金额", "交费金额"),
    _c("day", "day", "Day in the unit's time zone", "日期", "", "date", "数据日期", "抄表日期"),
    _c("register_kwh", "number", "Forward register at the end of the day", "正向示数", "kWh", "register", "表底", "示数", "正向有功总"),
    _c("energy_kwh", "number", "Energy of the day, before the multiplier", "日电量", "kWh", "energy", "kwh", "电量", "用电量"),
    _c("reverse_kwh", "number", "Energy fed back on the day, before the multiplier", "上网电量", "kWh", "reverse", "反向电量"),
    _c("source", "text", "Where the figure comes from", "来源", "", "数据来源", "抄表方式"),
    _c("received_at", "time", "When the figure arrived", "到达时间", "", "received", "入库时间"),
    _c("measure", "text", "Name of a figure about cells", "指标", "", "指标名称", "variable"),
    _c("value", "number", "Value of the figure", "数值", "", "值", "指标值"),
    _c("unit", "text", "Unit of the figure", "计量单位", "", "单位"),
    _c("as_of", "time", "Moment for which the figure holds", "截止时间", "", "asof", "统计时间"),
    _c("highway", "text", "OpenStreetMap class of the street", "道路等级", "", "fclass", "road_class", "class", "道路类型"),
    _c("from_node", "integer", "Node at the start", "起点"),
    _c("to_node", "integer", "Node at the end", "终点"),
    _c("from_lon", "number", "Longitude of the start", "起点经度", "°"),
    _c("from_lat", "number", "Latitude of the start", "起点纬度", "°"),
    _c("to_lon", "number", "Longitude of the end", "终点经度", "°"),
    _c("to_lat", "number", "Latitude of the end", "终点纬度", "°"),
    _c("seq", "integer", "Place of the piece along its street", "序号"),
    _c("length_m", "number", "Length", "长度", "m", "length", "shape_leng"),
    _c("oneway", "text", "Direction of travel: forward, backward or both", "单行", "", "one_way"),
    _c("maxspeed_kmh", "number", "Speed limit", "限速", "km/h", "maxspeed", "max_speed", "speed_kph"),
    _c("order_id", "text", "Work order", "工单编号", "", "order", "order_no", "work_order", "工单号", "派工单号"),
    _c("task", "text", "What is to be done, by the table of tasks", "工作任务", "", "任务", "工作内容"),
    _c("priority", "integer", "How urgent: 1 to 10, 10 first", "优先级", "1", "紧急程度"),
    _c("window_from", "time", "Begin of the window agreed for the arrival", "约定开始时间", "", "预约开始时间", "window_start"),
    _c("window_to", "time", "End of the window agreed for the arrival", "约定结束时间", "", "预约结束时间", "window_end"),
    _c("service_min", "number", "Minutes on the spot", "现场时长", "min", "作业时长", "service_minutes"),
    _c("wishes", "text", "Crews that the customer wants or not, as JSON: {\"allowed\": [crews], \"forbidden\": [crews]}", "客户要求"),
    _c("contact", "text", "Name of the person to be met", "现场联系人", "", "contact_name"),
    _c("surveyed_at", "time", "When the crew had looked at the fault", "勘查时间", "", "surveyed", "勘察时间"),
    _c("repaired_at", "time", "When the repair was done", "修复完成时间", "", "repaired"),
    _c("finished_at", "time", "When the work was done", "完成时间", "", "finished", "完工时间"),
    _c("archived_at", "time", "When the order was put away", "归档时间", "", "archived"),
    _c("rating", "integer", "What the customer gave, 5 is best", "评价", "1", "客户评价", "满意度"),
    _c("unrated_reason", "text", "Why there is no rating, in a code", "未评价原因"),
    _c("submission_no", "text", "Number under which the work was submitted", "报送编号", "", "报送号"),
    _c("report_ids", "text", "Fault reports that the order answers, separated by ;", "对应报修", "", "report_nos", "报修编号列表"),
    _c("follows", "text", "The order that this one follows", "接续工单", "", "前序工单"),
    _c("inspection_id", "text", "Inspection of a customer's supply", "检查编号", "", "inspection", "inspection_no", "用电检查编号", "检查单号", "检查工单号"),
    _c("inspected_on", "day", "Day of the visit", "检查日期", "", "inspected", "inspection_date", "用电检查日期", "查处日期"),
    _c("outcome", "text", "What was found on the spot", "检查结果", "", "result", "finding", "检查结论", "用电检查结果"),
    _c("recovered_kwh", "number", "Energy billed after the visit", "追补电量", "kWh", "recovered", "recovered_energy", "追补电量(千瓦时)", "补收电量"),
    _c("penalty_amount", "number", "Penalty for breach of contract, apart from the energy billed", "违约使用电费", "", "penalty", "fine", "违约使用电费金额", "违约金"),
    _c("ticket_id", "text", "Number on the ticket of a queue machine", "排队号", "", "ticket", "ticket_no", "queue_no", "number", "号码", "票号", "排队号码", "取号", "queue_number"),
    _c("taken_at", "time", "When the ticket was taken", "取号时间", "", "taken", "issued_at", "arrived", "ticket_time", "print_time", "到厅时间", "出票时间"),
    _c("called_at", "time", "When the visitor was called to a counter", "叫号时间", "", "called", "call_time", "serve_start", "开始办理时间", "呼叫时间"),
    _c("appointment_at", "time", "The time agreed beforehand; the wait counts from the later of it and the ticket", "预约时间", "", "appointment", "booked_for", "预约时段"),
    _c("matter", "text", "Business for which somebody came, by the table of matters", "业务种类", "", "business", "business_type", "business_kind", "service_name", "queue_name", "办理业务", "业务名称", "队列名称"),
    _c("counter", "text", "Counter at which the visitor was served", "办理窗口", "", "counter_no", "desk", "window_no", "窗口号", "柜台号", "窗口"),
    _c("visitor_key", "text", "Stands for the visitor: hashed with this store's key when it is loaded", "来访人标识", "", "visitor", "visitor_id", "来访人", "访客标识"),
    _c("hour", "time", "Hour for which a figure holds; any moment within it stands for the hour", "时段", "", "统计时段", "小时", "hour_start"),
    _c("wait_min", "number", "Minutes of waiting; empty: unknown, which is not zero", "等候时长", "min", "wait", "wait_time", "waiting_time", "wait_minutes", "等候分钟", "平均等候时长"),
    _c("visits", "integer", "Visitors of the hour", "到访人数", "1", "visitors", "tickets", "取号数", "到厅人数", "业务量"),
    _c("device_id", "text", "A machine of a business hall", "设备编号", "", "device", "device_no", "asset_no", "terminal_no", "设备编码", "资产编号", "终端编号", "机器编号"),
    _c("functions", "text", "What a machine can do, separated by ;", "设备功能", "", "features", "功能", "支持业务"),
    _c("model", "text", "Model by the maker's name", "型号", "", "model_no", "device_model", "设备型号", "规格型号"),
    _c("installed_on", "day", "Day on which it was put up", "安装日期", "", "installed", "install_date", "in_service_on", "投运日期", "启用日期", "安装时间"),
    _c("content_version", "text", "Version of what a screen plays", "内容版本", "", "content", "playlist_version", "节目版本", "播放版本"),
    _c("seen_at", "time", "Last sign of life", "最近在线时间", "", "last_seen", "last_seen_at", "last_heartbeat", "最后在线时间", "最近心跳", "心跳时间"),
    _c("is_bridge", "flag", "Part of a bridge", "桥梁", "", "bridge"),
)  # fmt: skip

COLUMNS: dict[str, Column] = {column.name: column for column in _COLUMNS}

_PLACE = ("lon", "lat")


def _k(  # noqa: PLR0913
    name: str, table: str, key: str, required: str, others: str, zh: str
) -> Kind:
    needed = tuple(required.split())
    columns = needed + tuple(c for c in others.split() if c not in needed)
    has_place = "lon" in columns or "geometry" in columns
    return Kind(name, table, tuple(key.split()), columns, needed, zh, has_place)


_KINDS = (
    _k("units", "org_units", "unit_id", "unit_id name", "parent_id level timezone", "单位"),
    _k("feeders", "feeders", "feeder_id", "feeder_id name", "unit_id geometry month_energy_kwh", "线路"),
    _k("transformers", "transformers", "transformer_id valid_from", "transformer_id", "name kind feeder_id capacity_kva metering_side valid_from valid_to lon lat", "台区"),
    _k("meters", "meters", "meter_id valid_from", "meter_id", "customer_no meter_box_id transformer_id role multiplier maker valid_from valid_to feeder_id", "电能表"),
    _k("customers", "customers", "customer_no", "customer_no", "name phone address use_type tariff transformer_id importance_code second_feeder_id own_generator life_support prepaid is_disconnected connected_on lon lat position_source contact_confirmed_on notice_channel", "客户"),
    _k("halls", "halls", "hall_id", "hall_id name lon lat", "grade counters opens opening_exceptions self_service_24h capabilities unit_id", "营业厅"),
    _k("banks", "banks", "bank_id", "bank_id name lon lat", "operator services opens valid_from valid_to", "缴费点"),
    _k("staff", "staff", "staff_id", "staff_id name", "phone skills unit_id", "员工"),
    _k("crews", "crews", "crew_id", "crew_id name", "phone skills shift members unit_id lon lat", "班组"),
    _k("crew_shifts", "crew_shifts", "crew_id starts_at", "crew_id starts_at ends_at", "kind members vehicle note lon lat", "排班"),
    _k("duties", "area_duties", "area_id duty staff_id crew_id valid_from", "area_id duty", "staff_id crew_id hours valid_from valid_to", "职责"),
    _k("streets", "streets", "way_id seq", "way_id geometry", "seq from_node to_node from_lon from_lat to_lon to_lat length_m highway name oneway maxspeed_kmh is_bridge", "道路"),
    _k("closures", "closures", "street geometry valid_from", "valid_from", "street geometry valid_to reason", "封路"),
    _k("water", "water", "name geometry", "geometry", "name", "水域"),
    _k("areas", "plan_units", "transformer_id cell_id area_id valid_from", "area_id", "name hall_id unit_id cell_id transformer_id geometry valid_from", "服务区"),
    _k("promise_zones", "promise_zones", "name", "promise_class geometry", "name", "承诺区域"),
    _k("outages", "outages", "outage_id", "outage_id started_at", "kind status cause scope estimated_restore_at restored_at customers_affected lon lat parent_outage_id", "停电"),
    _k("outage_steps", "outage_steps", "outage_id step_at change scope", "outage_id step_at change", "scope customers", "停复电步骤"),
    _k("fault_reports", "fault_reports", "report_id", "report_id registered_at", "channel customer_no caller phone address lon lat service_type fault_class note transformer_id outage_id crew_id told_at accepted_at arrived_at restored_at", "故障报修"),
    _k("work_orders", "work_orders", "order_id", "order_id kind registered_at", "task priority window_from window_to service_min skills wishes fault_class customer_no contact phone address note lon lat transformer_id outage_id crew_id told_at accepted_at arrived_at surveyed_at repaired_at restored_at finished_at archived_at rating unrated_reason submission_no report_ids follows", "工单"),
    _k("inspections", "inspections", "inspection_id", "inspection_id customer_no inspected_on outcome", "recovered_kwh penalty_amount", "用电检查"),
    _k("payments", "payments", "customer_no cell_id month channel", "month channel", "customer_no cell_id payments amount", "缴费"),
    _k("visits", "hall_visits", "hall_id ticket_id day", "ticket_id hall_id taken_at", "day called_at finished_at matter counter visitor_key outcome channel appointment_at", "营业厅来访"),
    _k("hall_hours", "hall_hours", "hall_id hour", "hall_id hour", "wait_min visits", "营业厅时段"),
    _k("devices", "hall_devices", "device_id", "device_id hall_id kind", "functions maker model status installed_on content_version seen_at", "营业厅设备"),
    _k("readings", "meter_readings", "meter_id day", "day", "meter_id customer_no register_kwh energy_kwh reverse_kwh source received_at", "读数"),
    _k("cell_facts", "cell_facts", "cell_id measure as_of", "measure value", "cell_id geometry unit source as_of", "网格指标"),
)  # fmt: skip

KINDS: dict[str, Kind] = {kind.name: kind for kind in _KINDS}

CHOICES: dict[tuple[str, str], dict[str, tuple[str, ...]]] = {
    ("units", "level"): {"company": ("公司", "总公司"), "province": ("省", "省公司"), "city": ("市", "地市", "市公司"), "county": ("县", "区县", "县公司"), "station": ("所", "供电所")},
    ("transformers", "kind"): {"public": ("公变", "公用", "公用变压器"), "dedicated": ("专变", "专用", "专用变压器")},
    ("meters", "role"): {"billing": ("结算", "售电侧结算", "客户"), "master": ("总表", "台区总表", "考核"), "generation": ("发电", "上网")},
    ("duties", "duty"): {"manager": ("网格经理", "台区经理", "主责"), "backup": ("备岗", "后备", "b角"), "repair": ("抢修",), "inspection": ("巡视", "巡检", "稽查")},
    ("crew_shifts", "kind"): {"duty": ("值班", "正班", "当班", "白班", "夜班"), "standby": ("备班", "听班", "待命"), "overtime": ("加班", "加岗"), "leave": ("休假", "请假", "轮休", "调休")},
    ("promise_zones", "promise_class"): {"city": ("城区", "城市", "城镇"), "rural": ("农村", "乡村"), "remote": ("特殊边远", "边远", "偏远")},
    ("customers", "position_source"): {"meter": ("表计", "电表"), "box": ("表箱",), "transformer": ("台区", "变压器"), "address": ("地址",), "none": ("无",)},
    ("outages", "kind"): {"fault": ("故障", "故障停电"), "planned": ("计划", "计划停电"), "urgent": ("临时", "临时停电"), "customer": ("客户申请", "用户申请"), "load_limit": ("限电", "有序用电")},
    ("outages", "status"): {"proposed": ("拟定",), "approved": ("已批准",), "notified": ("已通知",), "in_force": ("执行中", "停电中", "in force"), "ended": ("已结束", "已送电"), "cancelled": ("已取消", "取消")},
    ("outage_steps", "change"): {"out": ("停电", "失电"), "restored": ("复电", "送电", "恢复")},
    ("fault_reports", "channel"): {"hotline": ("95598", "热线", "电话"), "app": ("网上国网", "手机", "线上"), "hall": ("营业厅",), "manager": ("网格经理", "台区经理"), "alarm": ("终端告警", "停电上报", "采集系统"), "other": ("其他",)},
    ("fault_reports", "service_type"): {"fault": ("故障报修", "报修"), "enquiry": ("停电查询", "咨询"), "complaint": ("投诉",), "hazard": ("安全隐患", "隐患"), "other": ("其他",)},
    ("customers", "notice_channel"): {"sms": ("短信",), "wechat": ("微信",), "call": ("电话",), "letter": ("书面", "张贴"), "visit": ("上门",)},
    ("work_orders", "kind"): {"repair": ("抢修", "故障抢修"), "inspection": ("检查", "巡视", "用电检查"), "connection": ("接电", "复电", "装接"), "meter": ("表计", "计量", "抄表"), "visit": ("走访", "上门")},
    ("inspections", "outcome"): {"confirmed": ("查实", "确认", "窃电属实", "属实"), "cleared": ("正常", "未发现异常", "排除", "无异常"), "record_error": ("档案错误", "档案差错", "档案不符"), "wrong_wiring": ("接线错误", "错接线"), "tariff_misuse": ("违约用电", "高价低接"), "meter_fault": ("计量故障", "表计故障", "电能表故障"), "nobody_there": ("无人", "无人在家", "未见用户")},
    ("payments", "channel"): {"app": ("网上国网", "国网app", "掌上电力", "手机app", "线上"), "wechat": ("微信", "微信支付"), "alipay": ("支付宝",), "ebank": ("网银", "网上银行", "手机银行", "电话银行"), "deduction": ("代扣", "银行代扣", "委托扣款", "金融机构代扣"), "bank": ("银行", "银行柜台", "银行代收", "金融机构代收", "邮政"), "agency": ("代收点", "社会代收", "非金融机构代收", "代办点"), "hall": ("营业厅", "坐收", "营业厅坐收", "柜台"), "machine": ("自助终端", "自助机", "自助缴费终端"), "other": ("其他", "其它")},
    ("visits", "outcome"): {"done": ("办结", "已办", "已办结", "完成", "served", "completed"), "papers_missing": ("资料不全", "材料不全", "材料不齐", "缺件", "papers missing"), "referred": ("转办", "引导", "转线上", "sent on"), "left": ("弃号", "过号", "离开", "no show", "no-show", "abandoned"), "other": ("其他",)},
    ("visits", "channel"): {"walk_in": ("现场", "现场取号", "walk-in", "walkin"), "appointment": ("预约", "预约取号", "booked"), "online": ("线上取号", "网上取号", "app"), "other": ("其他",)},
    ("devices", "kind"): {"queue_machine": ("排队机", "叫号机", "取号机", "queue machine", "ticket machine"), "service_terminal": ("综合自助终端", "自助终端", "自助服务终端", "业务办理终端", "self-service terminal", "kiosk"), "payment_terminal": ("自助缴费终端", "缴费终端", "自助缴费机", "缴费机", "payment terminal", "payment kiosk"), "invoice_printer": ("发票打印机", "自助发票机", "票据打印机", "自助开票机", "invoice printer"), "counter_screen": ("窗口屏", "评价器", "双屏", "窗口显示屏", "counter screen"), "media_player": ("信息发布屏", "媒体播放机", "电视", "广告机", "宣传屏", "media player", "signage")},
    ("devices", "status"): {"in_use": ("在用", "在运", "运行", "in use", "active"), "spare": ("备用", "备机", "库存", "spare"), "retired": ("退役", "报废", "停用", "scrapped", "retired")},
    ("readings", "source"): {"measured": ("实抄", "采集"), "late": ("补采", "补抄"), "manual": ("手工", "人工"), "estimated": ("估算", "估抄")},
}  # fmt: skip
"""Allowed values of a column in a kind, each with the words by which files write it."""

KIND_ALIASES: dict[tuple[str, str], tuple[str, ...]] = {
    ("units", "name"): ("单位名称", "供电单位名称"),
    ("feeders", "name"): ("线路名称", "馈线名称"),
    ("transformers", "name"): ("台区名称", "变压器名称"),
    ("transformers", "kind"): ("公专变标志", "台区类型", "变压器类型"),
    ("customers", "name"): ("户名", "客户名称", "用户名称", "姓名"),
    ("halls", "name"): ("营业厅名称", "营业厅", "网点名称"),
    ("payments", "channel"): ("缴费方式", "缴费渠道", "交费方式", "method", "pay_channel"),
    ("banks", "valid_from"): ("opened_on", "开业日期", "启用日期"),
    ("banks", "valid_to"): ("closed_on", "停业日期", "关闭日期", "撤销日期"),
    ("banks", "name"): ("缴费点名称", "网点名称", "银行名称"),
    ("staff", "name"): ("姓名", "员工姓名", "人员姓名"),
    ("crews", "name"): ("班组名称", "队伍名称"),
    ("crews", "lon"): ("base_lon", "驻点经度"),
    ("crews", "lat"): ("base_lat", "驻点纬度"),
    ("crew_shifts", "starts_at"): ("from", "start", "开始时间", "开始"),
    ("crew_shifts", "ends_at"): ("to", "end", "结束时间", "结束"),
    ("crew_shifts", "kind"): ("班次类型", "班别", "shift_kind"),
    ("crew_shifts", "note"): ("排班说明",),
    ("crew_shifts", "lon"): ("start_lon", "出发经度"),
    ("crew_shifts", "lat"): ("start_lat", "出发纬度"),
    ("areas", "area_id"): ("网格编号", "网格经理编号", "id"),
    ("areas", "cell_id"): ("六边形编号",),
    ("areas", "name"): ("网格名称", "服务区名称", "area_name"),
    ("outages", "kind"): ("停电类型", "outage_kind"),
    ("outages", "customers_affected"): ("customers",),
    ("fault_reports", "restored_at"): ("修复时间",),
    ("fault_reports", "address"): ("故障地址", "报修地址"),
    ("work_orders", "order_id"): ("工单编号", "id"),
    ("work_orders", "kind"): ("工单类型",),
    ("work_orders", "note"): ("工作说明",),
    ("work_orders", "contact"): ("联系人", "contact"),
    ("visits", "matter"): ("service_type", "service", "业务类型", "业务"),
    ("visits", "finished_at"): ("办结时间", "办理结束时间", "serve_end", "finish_time", "end_time"),
    ("visits", "outcome"): ("办理结果",),
    ("visits", "channel"): ("取号方式", "取号渠道"),
    ("visits", "day"): ("业务日期", "取号日期"),
    ("hall_hours", "hour"): ("time", "captured_at", "时间"),
    ("devices", "kind"): ("设备类型", "设备种类", "device_type"),
    ("devices", "status"): ("设备状态", "使用状态"),
    ("devices", "hall_id"): ("hall", "所在营业厅", "所属营业厅"),
    ("devices", "maker"): ("vendor", "brand", "厂商", "品牌", "设备厂家"),
    ("promise_zones", "name"): ("区域名称", "zone", "zone_id"),
    ("closures", "valid_from"): ("from", "封闭开始", "开始"),
    ("closures", "valid_to"): ("to", "封闭结束", "结束"),
    ("streets", "name"): ("street", "道路名称", "路名"),
}
"""Further names of a column that only hold within one kind of file."""


def label(name: str, language: str) -> str:
    """The word for a column in the given language, with its unit where it has one."""
    column = COLUMNS[name]
    word = column.zh if language == "zh" else name.replace("_", " ")
    return f"{word} ({column.unit})" if column.unit not in ("", "1") else word
