"""Erlang's formulas against published values, and the laws that any queue obeys."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grid_cells import erlang

# load in erlangs, servers, probability of waiting
PUBLISHED_C = [
    # pyworkforce 0.1.0, example of its project page: 100 calls of 3 min in 30 min, 14 agents
    (10.0, 14, 0.1741319335950498, 1e-12),
    # Table C of a TETRA handbook: 3.87 E on 8 channels at 5 %, 4.08 E on 10 at 1 %
    (3.87, 8, 0.05, 2e-4),
    (4.08, 10, 0.01, 1e-4),
    # Cooper (1981), fig. A.2, as read there: 120 customers an hour of 3 min each, 10 servers
    (6.0, 10, 0.10, 2e-3),
    # M/M/2 and M/M/3 in closed form: a² / (2 + a); Wolfram's first example has c = 3, a = 2
    (1.0, 2, 1 / 3, 1e-12),
    (2.0, 3, 4 / 9, 1e-12),
    # M/M/1: the share is the load itself
    (0.7, 1, 0.7, 1e-12),
]
# the table of Erlang B at 1 % that every handbook prints (ITU-T, Teletraffic Engineering Handbook)
PUBLISHED_B_AT_1_PERCENT = [(1, 0.0101), (2, 0.153), (3, 0.455), (4, 0.869), (5, 1.36), (10, 4.46)]

LOADS = st.floats(0.01, 60, allow_nan=False)
SERVERS = st.integers(1, 80)


@pytest.mark.parametrize(("load", "servers", "share", "within"), PUBLISHED_C)
def test_waiting_is_as_published(load, servers, share, within):
    assert float(erlang.wait_probability(load, servers)) == pytest.approx(share, abs=within)


@pytest.mark.parametrize(("servers", "load"), PUBLISHED_B_AT_1_PERCENT)
def test_blocking_is_as_published(servers, load):
    assert float(erlang.blocking(load, servers)) == pytest.approx(0.01, rel=6e-3)


def test_service_level_is_as_published():
    # pyworkforce 0.1.0: within 20 s of 3 min calls; needed for 80 %: 14
    assert float(erlang.service_level(10, 14, 3, 20 / 60)) == pytest.approx(0.8883500191794669)
    assert int(erlang.servers_needed(10, 3, within_min=20 / 60, share=0.8)) == 14


def test_the_mean_wait_of_one_server_is_that_of_the_books():
    # M/M/1: ρ / (1 − ρ) · s; 0.8 and five minutes make twenty
    assert float(erlang.mean_wait_min(0.8, 1, 5)) == pytest.approx(20.0)
    # M/M/2, one erlang, six minutes: (1/3) · 6 / 1
    assert float(erlang.mean_wait_min(1.0, 2, 6)) == pytest.approx(2.0)


def test_no_wait_is_quoted_where_the_queue_grows_without_end():
    for load in (3.0, 3.5):
        assert math.isnan(erlang.wait_probability(load, 3))
        assert math.isnan(erlang.mean_wait_min(load, 3, 5))
        assert math.isnan(erlang.service_level(load, 3, 5, 10))
    assert math.isnan(erlang.wait_probability(1.0, 0))


def test_half_a_server_serves_nobody_and_no_load_needs_none():
    assert float(erlang.wait_probability(1.0, 2.9)) == pytest.approx(1 / 3)
    needed = erlang.servers_needed([0.0, np.nan, 2.5], 5, within_min=10, share=0.8)
    assert needed.tolist()[:2] == [0, 0]
    assert needed[2] >= 3


@given(load=LOADS, servers=SERVERS)
def test_the_recursion_is_the_sum_it_stands_for(load, servers):
    """B = (aⁿ/n!) / Σ aᵏ/k!, worked out by logarithms."""
    logs = np.array([k * math.log(load) - math.lgamma(k + 1) for k in range(servers + 1)])
    direct = math.exp(logs[-1] - logs.max()) / np.exp(logs - logs.max()).sum()
    assert float(erlang.blocking(load, servers)) == pytest.approx(direct, rel=1e-9, abs=1e-300)


@given(load=LOADS, servers=SERVERS, service=st.floats(0.5, 60))
def test_one_more_server_never_makes_anybody_wait_longer(load, servers, service):
    if load >= servers:
        return
    assert erlang.wait_probability(load, servers + 1) <= erlang.wait_probability(load, servers)
    longer = erlang.mean_wait_min(load, servers, service)
    assert erlang.mean_wait_min(load, servers + 1, service) <= longer
    assert (
        0
        <= float(erlang.blocking(load, servers))
        <= float(erlang.wait_probability(load, servers))
        <= 1
    )


@given(
    load=LOADS, service=st.floats(0.5, 60), within=st.floats(0.0, 40), share=st.floats(0.1, 0.99)
)
def test_needed_servers_keep_the_promise_and_one_less_does_not(load, service, within, share):
    needed = int(erlang.servers_needed(load, service, within_min=within, share=share))
    assert float(erlang.service_level(load, needed, service, within)) >= share
    fewer = float(erlang.service_level(load, needed - 1, service, within))
    assert math.isnan(fewer) or fewer < share
