"""Forecast volatility with PyTorch on one host or several.

Runs under `torchrun`, as a SageMaker training job on any number of hosts, and by itself (`python train.py`).
The returns are generated: the same seed makes the same market. Every process trains on its own share of them, the
gradients are averaged over all processes (gloo on CPUs, NCCL on GPUs), and the first process saves the model.
"""

import argparse
import gc
import json
import os
from pathlib import Path

import torch
import torch.distributed as dist
import torch.distributed.nn  # imported after `join`, it would keep the process group, and with it gloo's threads
from torch import nn
from torch.nn.parallel import DistributedDataParallel
from torch.utils.data import DataLoader, DistributedSampler, TensorDataset

LAGS = 20
AHEAD = 10


def generate_returns(days: int, seed: int) -> torch.Tensor:
    """Daily returns in percent whose volatility clusters, as a GARCH(1,1) process makes them. Shape (days,)."""
    shocks = torch.randn(days, generator=torch.Generator().manual_seed(seed)).tolist()
    returns, variance = [], 1.0
    for shock in shocks:
        returns.append(shock * variance**0.5)
        variance = 0.05 + 0.12 * returns[-1] ** 2 + 0.84 * variance
    return torch.tensor(returns)


def examples(returns: torch.Tensor) -> TensorDataset:
    """LAGS days' absolute returns, shape (n, LAGS), and the log volatility of the AHEAD days after, shape (n, 1)."""
    windows = returns.abs().unfold(0, LAGS + AHEAD, 1)
    volatility = windows[:, LAGS:].square().mean(1, keepdim=True).sqrt()
    return TensorDataset(windows[:, :LAGS].contiguous(), volatility.log())


def join() -> None:
    """Make this process one of the job's. torchrun says which; without it, SageMaker's list of hosts does."""
    hosts = sorted(json.loads(os.environ.get("SM_HOSTS", '["localhost"]')))
    current = os.environ.get("SM_CURRENT_HOST", hosts[0])
    os.environ.setdefault("WORLD_SIZE", str(len(hosts)))
    os.environ.setdefault("RANK", str(hosts.index(current)))
    os.environ.setdefault("LOCAL_RANK", "0")
    os.environ.setdefault("MASTER_ADDR", hosts[0])
    os.environ.setdefault("MASTER_PORT", os.environ.get("SM_MASTER_PORT", "7777"))
    if torch.cuda.is_available():
        dist.init_process_group("nccl", device_id=torch.device("cuda", int(os.environ["LOCAL_RANK"])))
    else:
        dist.init_process_group("gloo")


def mean_over_processes(total: float, count: int, device: torch.device) -> float:
    """The mean of a sum that is spread over all processes."""
    both = torch.tensor([total, float(count)], dtype=torch.float64, device=device)
    dist.all_reduce(both)
    return float(both[0] / both[1])


def run_epoch(
    model: nn.Module, loader: DataLoader, device: torch.device, optimizer: torch.optim.Optimizer | None
) -> float:
    """One pass over this process's share; with an optimizer it learns. Returns the loss over all processes."""
    total, count = 0.0, 0
    model.train(optimizer is not None)
    with torch.set_grad_enabled(optimizer is not None):
        for inputs, targets in loader:
            loss = nn.functional.mse_loss(model(inputs.to(device)), targets.to(device))
            if optimizer is not None:
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
            total += loss.item() * len(inputs)
            count += len(inputs)
    return mean_over_processes(total, count, device)


def arguments() -> argparse.Namespace:
    """Hyperparameters as the training job passes them, and where SageMaker puts the model."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--batch-size", type=int, default=256)
    parser.add_argument("--learning-rate", type=float, default=0.0005)
    parser.add_argument("--days", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--model-dir", type=Path, default=os.environ.get("SM_MODEL_DIR", "model"))
    return parser.parse_args()


def train(args: argparse.Namespace) -> None:
    """Train on this process's share and print the loss over all of them after every epoch."""
    torch.manual_seed(args.seed)
    torch.set_num_threads(1)  # so small a network that a second thread would only wait for the first
    rank, world = dist.get_rank(), dist.get_world_size()
    device = torch.device("cpu")
    if torch.cuda.is_available():
        device = torch.device("cuda", int(os.environ["LOCAL_RANK"]))
        torch.cuda.set_device(device)
    print(f"process {rank} of {world} on {os.environ.get('SM_CURRENT_HOST', 'this machine')}, {device}", flush=True)
    cut = args.days * 4 // 5
    returns = generate_returns(args.days, args.seed)
    known, later = examples(returns[:cut]), examples(returns[cut:])
    sampler = DistributedSampler(known, seed=args.seed)
    loader = DataLoader(known, args.batch_size, sampler=sampler)
    validation = DataLoader(later, args.batch_size, sampler=DistributedSampler(later, shuffle=False))

    network = nn.Sequential(nn.Linear(LAGS, 32), nn.ReLU(), nn.Linear(32, 1)).to(device)
    model = DistributedDataParallel(network)
    optimizer = torch.optim.Adam(model.parameters(), lr=args.learning_rate)
    for epoch in range(1, args.epochs + 1):
        sampler.set_epoch(epoch)
        train_loss = run_epoch(model, loader, device, optimizer)
        validation_loss = run_epoch(model, validation, device, None)
        if rank == 0:
            print(
                f"epoch={epoch}; processes={world}; "
                f"train:loss={train_loss:.5f}; validation:loss={validation_loss:.5f};",
                flush=True,
            )
    if rank == 0:
        args.model_dir.mkdir(parents=True, exist_ok=True)
        torch.save(network.state_dict(), args.model_dir / "model.pt")
        (args.model_dir / "config.json").write_text(json.dumps({"lags": LAGS, "hidden_units": 32, "processes": world}))
        print(f"saved {args.model_dir / 'model.pt'}", flush=True)


def main() -> None:
    """Join the other processes, train, leave."""
    args = arguments()
    join()
    try:
        train(args)
        gc.collect()  # the model holds the group in a circle; a thread of gloo left over can abort Python as it ends
        dist.barrier()
    finally:
        dist.destroy_process_group()


if __name__ == "__main__":
    main()
