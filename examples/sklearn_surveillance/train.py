"""Train a classifier that flags unusual orders on an exchange.

Runs as a SageMaker training job and by itself (`python train.py`). Without a `train` channel the orders are
generated: the same seed makes the same orders. A channel holds CSV files with the columns of FEATURES and LABEL.
"""

import argparse
import os
from pathlib import Path

import joblib
import numpy as np
from sklearn.metrics import accuracy_score, log_loss, roc_auc_score
from sklearn.neural_network import MLPClassifier
from sklearn.preprocessing import StandardScaler

FEATURES = ("order_value_krw_million", "price_gap_bp", "lifetime_seconds", "cancel_ratio", "orders_per_minute")
LABEL = "unusual"


def generate_orders(rows: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Orders with the shape of a market's, about one in six of them unusual: big, near the best price, soon cancelled.

    Returns features of shape (rows, 5) and labels of shape (rows,). One label in fifty is wrong on purpose.
    """
    draw = np.random.default_rng(seed)
    value = draw.lognormal(3.0, 1.0, rows)
    gap = draw.gamma(2.0, 4.0, rows)
    lifetime = draw.lognormal(3.5, 1.2, rows)
    cancelled = draw.beta(2.0, 4.0, rows)
    pace = draw.gamma(2.0, 3.0, rows)
    layered = draw.random(rows) < 0.17
    value[layered] *= draw.lognormal(1.2, 0.4, layered.sum())
    lifetime[layered] *= draw.beta(1.5, 6.0, layered.sum())
    cancelled[layered] = draw.beta(7.0, 2.0, layered.sum())
    pace[layered] += draw.gamma(2.0, 5.0, layered.sum())
    labels = (layered ^ (draw.random(rows) < 0.02)).astype(int)
    return np.column_stack([value, gap, lifetime, cancelled, pace]), labels


def read_orders(folder: Path) -> tuple[np.ndarray, np.ndarray]:
    """All CSV files of a channel, one under the other. Raises SystemExit, with the reason, when they cannot be used."""
    tables = []
    for path in sorted(folder.rglob("*.csv")):
        table = np.genfromtxt(path, delimiter=",", names=True)
        missing = [name for name in (*FEATURES, LABEL) if name not in (table.dtype.names or ())]
        if missing:
            raise SystemExit(f"{path.name} has no column {', '.join(missing)}")
        tables.append(np.atleast_1d(table))
    if not tables:
        raise SystemExit(f"no CSV file in {folder}")
    features = np.concatenate([np.column_stack([table[name] for name in FEATURES]) for table in tables])
    labels = np.concatenate([table[LABEL] for table in tables])
    if np.isnan(features).any() or not np.isin(labels, (0, 1)).all():
        raise SystemExit(f"features must be numbers and {LABEL} must be 0 or 1")
    return features, labels.astype(int)


def split(features: np.ndarray, labels: np.ndarray, seed: int) -> list[np.ndarray]:
    """Four fifths to train with, one fifth to validate with, shuffled."""
    order = np.random.default_rng(seed).permutation(len(labels))
    cut = len(labels) * 4 // 5
    return [features[order[:cut]], labels[order[:cut]], features[order[cut:]], labels[order[cut:]]]


def arguments() -> argparse.Namespace:
    """Hyperparameters as the training job passes them, and where SageMaker puts things."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--epochs", type=int, default=12)
    parser.add_argument("--learning-rate", type=float, default=0.002)
    parser.add_argument("--hidden-units", type=int, default=32)
    parser.add_argument("--rows", type=int, default=40_000)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--train", type=Path, default=os.environ.get("SM_CHANNEL_TRAIN"))
    parser.add_argument("--model-dir", type=Path, default=os.environ.get("SM_MODEL_DIR", "model"))
    return parser.parse_args()


def main() -> None:
    """Train, print metrics after every epoch, save the model."""
    args = arguments()
    if args.train:
        features, labels = read_orders(args.train)
        print(f"read {len(labels)} orders from {args.train}", flush=True)
    else:
        features, labels = generate_orders(args.rows, args.seed)
        print(f"generated {len(labels)} orders with seed {args.seed}: these are not real trades", flush=True)
    x, y, x_validation, y_validation = split(features, labels, args.seed)
    scaler = StandardScaler().fit(np.log1p(x))
    x, x_validation = (scaler.transform(np.log1p(part)) for part in (x, x_validation))

    model = MLPClassifier((args.hidden_units,), learning_rate_init=args.learning_rate, random_state=args.seed)
    for epoch in range(1, args.epochs + 1):
        model.partial_fit(x, y, classes=[0, 1])
        score = model.predict_proba(x_validation)[:, 1]
        print(
            f"epoch={epoch}; train:loss={model.loss_:.5f}; "
            f"validation:loss={log_loss(y_validation, score):.5f}; "
            f"validation:accuracy={accuracy_score(y_validation, score > 0.5):.5f}; "
            f"validation:auc={roc_auc_score(y_validation, score):.5f};",
            flush=True,
        )

    args.model_dir.mkdir(parents=True, exist_ok=True)
    joblib.dump({"features": FEATURES, "scaler": scaler, "model": model}, args.model_dir / "model.joblib")
    print(f"saved {args.model_dir / 'model.joblib'}", flush=True)


if __name__ == "__main__":
    main()
