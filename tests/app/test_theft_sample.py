"""The theft of the sample city's story leads the list, and each decoy gets its innocent cause."""

import pytest

from app.store.database import Database
from app.use_cases import theft_balance, theft_runs
from app.use_cases.actors import Actor
from app.use_cases.sample import build_sample
from grid_cells.sample_city import DEFAULT_CUSTOMERS, DEFAULT_END, DEFAULT_SEED
from grid_cells.sample_city.city import build

pytestmark = pytest.mark.long

ADMIN = Actor("test:anna", "Anna", role="admin")


@pytest.fixture(scope="module")
def labels():
    return build(DEFAULT_CUSTOMERS, DEFAULT_SEED, DEFAULT_END).labels


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    """Scores of customers and of transformers in the sample city."""
    with Database(tmp_path_factory.mktemp("theft") / "sample.duckdb") as db:
        build_sample(db, ADMIN)
        scores = theft_runs.run(db, ADMIN, lambda _: None).scores
        yield scores, theft_balance.balance(db, ADMIN).scores


def test_the_seven_lead_the_list_since_the_day_of_the_story(found, labels):
    scores, places = found
    thieves = labels[labels["cause"] == "theft"]
    first = scores.head(len(thieves))
    assert set(first["customer_no"]) == set(thieves["customer_no"])
    assert set(scores.loc[scores["cause"] == "suspect", "customer_no"]) == set(first["customer_no"])
    assert {str(day)[:10] for day in first["since"]} == {"2026-06-03"}
    assert set(places.head(3)["transformer_id"]) == set(thieves["transformer_id"])


@pytest.mark.parametrize(
    ("cause", "named", "least"),
    [("pv", "pv", 1.0), ("vacant", "vacancy", 0.95), ("frozen", "frozen", 0.9),
     ("wrong_link", "wrong_link", 0.8)],
)  # fmt: skip
def test_each_decoy_has_its_innocent_cause(found, labels, cause, named, least):
    mine = labels.loc[labels["cause"] == cause, "customer_no"]
    told = found[0].set_index("customer_no").loc[mine, "cause"]
    assert (told == named).mean() >= least


def test_the_wrong_master_is_named_and_accuses_nobody(found, labels):
    scores, places = found
    wrong = labels.loc[labels["cause"] == "wrong_ct", "transformer_id"].iloc[0]
    row = places.set_index("transformer_id").loc[wrong]
    assert row["cause"] == "wrong_multiplier"
    assert row["score"] < 0.5
    assert set(scores.loc[scores["transformer_id"] == wrong, "cause"]) <= {"none"}


def test_few_others_are_given_a_cause(found, labels):
    scores = found[0]
    honest = scores[~scores["customer_no"].isin(labels["customer_no"].dropna())]
    assert (honest["cause"] != "none").mean() < 0.02
