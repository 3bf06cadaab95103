"""Models of suspicion on visits: ours beside a plain LightGBM and a logistic regression.

    python benchmarks/theft_models.py --input FILE --map benchmarks/inspections.toml \
        --split-at 2017-07-01 --json

All train on the visits before the day and are judged on those from it on, or learn and are judged
in the same folds, by the same measures. Peers get the periods and the attributes as they stand.
More is better. `equal`: each way gave every judged row a finite score.
"""

from collections.abc import Callable, Sequence
from datetime import date
from functools import partial
from pathlib import Path

import lightgbm as lgb
import numpy as np
import pandas as pd
from comparison import Row, arguments, installed, missing, show, timed
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from grid_cells.theft_features import TheftTable
from grid_cells.theft_folds import Fold, folds_of, split_by_day
from grid_cells.theft_measures import measured
from grid_cells.theft_models import fit, labelled, score
from loaders.mapping import read_mapping
from loaders.theft_tables import load_theft_table

Way = Callable[[TheftTable, TheftTable], np.ndarray]
"""From what teaches and what is judged to scores of the judged."""


def plain_lightgbm(taught: TheftTable, judged: TheftTable) -> np.ndarray:
    names = taught.attributes.columns
    kinds = {n: sorted(taught.attributes[n].dropna().unique()) for n in names}

    def frame(table: TheftTable) -> pd.DataFrame:
        made = pd.DataFrame(table.energy)
        for name in names:
            made[name] = pd.Categorical(table.attributes[name], categories=kinds[name])
        return made.rename(columns=str)

    model = lgb.LGBMClassifier(n_jobs=2, verbose=-1, random_state=0)
    model.fit(frame(taught), taught.confirmed)
    return model.predict_proba(frame(judged))[:, 1]


def logistic(taught: TheftTable, judged: TheftTable) -> np.ndarray:
    logs = [np.log1p(np.nan_to_num(np.maximum(t.energy, 0))) for t in (taught, judged)]
    scale = StandardScaler().fit(logs[0])
    words = [t.attributes.fillna("-").astype(str) for t in (taught, judged)]
    codes = OneHotEncoder(handle_unknown="ignore", min_frequency=20).fit(words[0])
    made = [
        np.hstack([scale.transform(x), codes.transform(w).toarray()])
        for x, w in zip(logs, words, strict=True)
    ]
    model = LogisticRegression(C=0.05, max_iter=500).fit(made[0], taught.confirmed)
    return model.predict_proba(made[1])[:, 1]


def compared(table: TheftTable, folds: Sequence[Fold], seed: int) -> list[Row]:
    ours, ours_s = timed(lambda: scored(table, folds, partial(by_ours, seed=seed)))
    confirmed = np.concatenate([table.confirmed[fold.judged] for fold in folds])
    rows = []
    for name, peer in (("LightGBM", plain_lightgbm), ("logistic regression", logistic)):
        theirs, peer_s = timed(lambda by=peer: scored(table, folds, by))
        whole = bool(np.isfinite(ours).all() and np.isfinite(theirs).all())
        more = {"judged": len(confirmed), "ours_s": round(ours_s, 1), "peer_s": round(peer_s, 1)}
        for case in ("auc", "average_precision", "recall_top_tenth"):
            figures = [getattr(measured(confirmed, s), case) for s in (ours, theirs)]
            rows.append(Row(case, *figures, name, None, whole, more, "share", True))
    return rows


def scored(table: TheftTable, folds: Sequence[Fold], way: Way) -> np.ndarray:
    """Scores of the judged rows, fold by fold, by a way that learnt from the others."""
    return np.concatenate([way(table.rows(f.taught), table.rows(f.judged)) for f in folds])


def by_ours(taught: TheftTable, judged: TheftTable, *, seed: int) -> np.ndarray:
    return score(fit(taught, seed=seed), judged)[0]


def main() -> None:
    parser = arguments(__doc__ or "")
    parser.add_argument("--map", required=True)
    way = parser.add_mutually_exclusive_group(required=True)
    way.add_argument("--split-at", type=date.fromisoformat, help="judged are visits from this day")
    way.add_argument("--folds", type=int, help="judged are all rows, each by the other folds")
    given = parser.parse_args()
    if given.input is None:
        missing("give --input FILE of visits or customers")
    table = labelled(load_theft_table(Path(given.input), read_mapping(Path(given.map))))
    if given.quick:
        table = table.rows(np.random.default_rng(given.seed).random(len(table)) < 0.2)
    folds = (
        folds_of(table.confirmed, given.folds, seed=given.seed)
        if given.folds
        else [split_by_day(table, given.split_at)]
    )
    rows = compared(table, folds, given.seed)
    versions = installed("lightgbm", "scikit-learn")
    show("theft_models", rows, versions, as_json=given.json)


if __name__ == "__main__":
    main()
