"""The loader of every kind of file."""

from loaders.areas import load_areas
from loaders.banks import load_banks
from loaders.cell_facts import load_cell_facts
from loaders.closures import load_closures
from loaders.contract import Loader
from loaders.crew_shifts import load_crew_shifts
from loaders.crews import load_crews
from loaders.customers import load_customers
from loaders.devices import load_devices
from loaders.duties import load_duties
from loaders.fault_reports import load_fault_reports
from loaders.feeders import load_feeders
from loaders.hall_hours import load_hall_hours
from loaders.halls import load_halls
from loaders.inspections import load_inspections
from loaders.meters import load_meters
from loaders.outage_steps import load_outage_steps
from loaders.outages import load_outages
from loaders.payments import load_payments
from loaders.promise_zones import load_promise_zones
from loaders.readings import load_readings
from loaders.staff import load_staff
from loaders.streets import load_streets
from loaders.transformers import load_transformers
from loaders.units import load_units
from loaders.visits import load_visits
from loaders.water import load_water
from loaders.work_orders import load_work_orders

LOADERS: dict[str, Loader] = {
    "units": load_units,
    "feeders": load_feeders,
    "transformers": load_transformers,
    "meters": load_meters,
    "customers": load_customers,
    "halls": load_halls,
    "banks": load_banks,
    "staff": load_staff,
    "crews": load_crews,
    "crew_shifts": load_crew_shifts,
    "duties": load_duties,
    "streets": load_streets,
    "closures": load_closures,
    "water": load_water,
    "areas": load_areas,
    "promise_zones": load_promise_zones,
    "outages": load_outages,
    "outage_steps": load_outage_steps,
    "fault_reports": load_fault_reports,
    "work_orders": load_work_orders,
    "inspections": load_inspections,
    "payments": load_payments,
    "visits": load_visits,
    "hall_hours": load_hall_hours,
    "devices": load_devices,
    "readings": load_readings,
    "cell_facts": load_cell_facts,
}
"""By kind, in the order in which one kind's rows can refer to another's."""
