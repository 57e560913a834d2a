"""Fine-tune a Llama with LoRA: small added matrices learn, the model itself stays as it is.

`--base-model tiny` (the default) makes a tiny Llama with random weights and a byte-level tokenizer on the spot: it
shows the way on any CPU in seconds, downloads nothing and is good for nothing else. On a GPU, `--base-model` takes a
Hugging Face id such as meta-llama/Llama-3.1-8B (its licence accepted, HF_TOKEN set) or a folder; a channel named
`model` with the model's files wins over both. A channel `train` holds .jsonl files of {"prompt", "completion"}.
"""

import argparse
import json
import math
import os
import random
from pathlib import Path

import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, AutoTokenizer, ByT5Tokenizer, LlamaConfig, LlamaForCausalLM

TINY = "tiny"
IGNORED = -100
TERMS = {
    "a limit order": "an order that trades at its price or better, or waits in the book",
    "a market order": "an order that trades at once against the best prices of the book",
    "the tick size": "the smallest step by which a price may move",
    "the opening auction": "the call that sets the first price of the day from all orders in the book",
    "a circuit breaker": "a halt of all trading after the index has fallen by a set share",
    "a market maker": "a member that quotes both sides and earns the spread",
    "the spread": "the best ask less the best bid",
    "settlement": "the exchange of securities for cash, two days after the trade",
    "지정가 주문": "정한 가격이나 더 좋은 가격에만 체결되는 주문",
    "시장가 주문": "호가창의 가장 좋은 가격에 바로 체결되는 주문",
    "호가 단위": "가격이 움직일 수 있는 가장 작은 폭",
    "서킷브레이커": "지수가 정한 비율만큼 떨어지면 모든 거래를 멈추는 제도",
}
QUESTIONS = ("What is {}?", "Explain {} in one sentence.", "In our glossary, what does {} mean?")


def built_in_pairs() -> list[dict[str, str]]:
    """A glossary of a stock exchange as prompts and completions, the same on every run."""
    return [
        {"prompt": question.format(term), "completion": meaning}
        for question in QUESTIONS
        for term, meaning in TERMS.items()
    ]


def read_pairs(folder: Path) -> list[dict[str, str]]:
    """The pairs of a channel's .jsonl files. Raises SystemExit, with file and line, for what is not a pair."""
    pairs = []
    for path in sorted(folder.rglob("*.jsonl")):
        for number, line in enumerate(path.read_text().splitlines(), 1):
            try:
                pair = json.loads(line) if line.strip() else None
            except ValueError as error:
                raise SystemExit(f"{path.name}:{number}: {error}") from error
            if pair is None:
                continue
            texts = [pair.get("prompt"), pair.get("completion")] if isinstance(pair, dict) else [None]
            if not all(isinstance(text, str) for text in texts):
                raise SystemExit(f'{path.name}:{number}: needs {{"prompt": "...", "completion": "..."}}')
            pairs.append(pair)
    if len(pairs) < 2:
        raise SystemExit(f"{folder} has {len(pairs)} pairs in its .jsonl files; at least 2 are needed")
    return pairs


def load(base_model: str, seed: int, device: torch.device):
    """The frozen model and its tokenizer."""
    torch.manual_seed(seed)
    if base_model == TINY:
        torch.set_num_threads(1)  # so small that a second thread would only wait for the first
        tokenizer = ByT5Tokenizer(extra_ids=0)
        config = LlamaConfig(
            vocab_size=len(tokenizer), hidden_size=64, intermediate_size=160, num_hidden_layers=2,
            num_attention_heads=4, num_key_value_heads=2, max_position_embeddings=512, initializer_range=0.2,
            pad_token_id=tokenizer.pad_token_id, bos_token_id=None, eos_token_id=tokenizer.eos_token_id,
        )  # fmt: skip
        return LlamaForCausalLM(config).to(device), tokenizer
    tokenizer = AutoTokenizer.from_pretrained(base_model)
    if tokenizer.pad_token_id is None:
        tokenizer.pad_token = tokenizer.eos_token
    dtype = torch.bfloat16 if device.type == "cuda" else torch.float32
    model = AutoModelForCausalLM.from_pretrained(base_model, dtype=dtype).to(device)
    model.config.use_cache = False
    model.gradient_checkpointing_enable(gradient_checkpointing_kwargs={"use_reentrant": False})
    return model, tokenizer


def encode(pairs: list[dict[str, str]], tokenizer, longest: int) -> list[tuple[list[int], list[int]]]:
    """Token ids and labels of each pair; only the completion is learned."""
    rows = []
    for pair in pairs:
        prompt = tokenizer(f"Question: {pair['prompt']}\nAnswer: ", add_special_tokens=False)["input_ids"]
        answer = tokenizer(pair["completion"], add_special_tokens=False)["input_ids"] + [tokenizer.eos_token_id]
        rows.append(((prompt + answer)[:longest], ([IGNORED] * len(prompt) + answer)[:longest]))
    return rows


def batch_of(rows: list[tuple[list[int], list[int]]], pad: int, device: torch.device) -> dict[str, torch.Tensor]:
    """Rows padded on the right to the longest of them, each tensor of shape (rows, length)."""
    length = max(len(ids) for ids, _ in rows)
    return {
        "input_ids": torch.tensor([ids + [pad] * (length - len(ids)) for ids, _ in rows], device=device),
        "attention_mask": torch.tensor([[1] * len(ids) + [0] * (length - len(ids)) for ids, _ in rows], device=device),
        "labels": torch.tensor([labels + [IGNORED] * (length - len(labels)) for _, labels in rows], device=device),
    }


@torch.no_grad()
def evaluate(model, rows: list[tuple[list[int], list[int]]], size: int, pad: int, device: torch.device) -> float:
    """The mean loss over held-out pairs."""
    model.eval()
    losses = [model(**batch_of(rows[at : at + size], pad, device)).loss.item() for at in range(0, len(rows), size)]
    model.train()
    return sum(losses) / len(losses)


def arguments() -> argparse.Namespace:
    """Hyperparameters as the training job passes them, and where SageMaker puts things."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--base-model", default=TINY)
    parser.add_argument("--steps", type=int, default=60)
    parser.add_argument("--batch-size", type=int, default=8)
    parser.add_argument("--learning-rate", type=float, help="default: 0.01 for the tiny model, 0.0002 for a real one")
    parser.add_argument("--rank", type=int, default=8)
    parser.add_argument("--max-tokens", type=int, default=256)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--model", type=Path, default=os.environ.get("SM_CHANNEL_MODEL"))
    parser.add_argument("--train", type=Path, default=os.environ.get("SM_CHANNEL_TRAIN"))
    parser.add_argument("--model-dir", type=Path, default=os.environ.get("SM_MODEL_DIR", "model"))
    return parser.parse_args()


def main() -> None:
    """Load, add LoRA, train, print the loss, save the adapter."""
    args = arguments()
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    base_model = str(args.model) if args.model else args.base_model
    pairs = read_pairs(args.train) if args.train else built_in_pairs()
    model, tokenizer = load(base_model, args.seed, device)
    if base_model == TINY:
        for part in (model, tokenizer):
            part.save_pretrained(args.model_dir / "base")
    draw = random.Random(args.seed)
    draw.shuffle(pairs)
    rows = encode(pairs, tokenizer, args.max_tokens)
    held_out = max(1, len(rows) // 6)
    validation, rows = rows[:held_out], rows[held_out:]

    targets = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
    lora = LoraConfig(r=args.rank, lora_alpha=2 * args.rank, target_modules=targets, task_type="CAUSAL_LM")
    model = get_peft_model(model, lora)
    learned, total = model.get_nb_trainable_parameters()
    print(f"{base_model} on {device}: {learned:,} of {total:,} parameters learn, {len(rows)} pairs", flush=True)

    rate = args.learning_rate or (0.01 if base_model == TINY else 0.0002)
    optimizer = torch.optim.AdamW([part for part in model.parameters() if part.requires_grad], lr=rate)
    pad = tokenizer.pad_token_id
    model.train()
    every = max(1, args.steps // 12)
    for step in range(1, args.steps + 1):
        loss = model(**batch_of(draw.sample(rows, min(args.batch_size, len(rows))), pad, device)).loss
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if step % every == 0 or step == args.steps:
            check = evaluate(model, validation, args.batch_size, pad, device)
            print(
                f"step={step}; train:loss={loss.item():.5f}; "
                f"validation:loss={check:.5f}; validation:perplexity={math.exp(min(check, 20)):.3f};",
                flush=True,
            )

    model.save_pretrained(args.model_dir)
    tokenizer.save_pretrained(args.model_dir)
    print(f"saved the adapter in {args.model_dir}", flush=True)


if __name__ == "__main__":
    main()
