"""Language models of a megabyte, made here: one that recites an answer, and one that babbles.

Both are whole Llama models in GGUF with one layer, and read and write single bytes. The reciter is
a Markov chain: each token's embedding is a direction of its own, the layer adds nothing, and the
output weights say which token follows which. It has tokens for the parts of its answer.
"""

from pathlib import Path

import gguf
import numpy as np
from numpy.typing import NDArray

from rapport.state import LABELS

RECITED = dict.fromkeys(LABELS, 2) | {"anger": 86}
"""Percent."""
INCONGRUENCE = 30
WIDTH = 320
HEADS = 4
INNER = 64
CONTEXT = 16_384
CERTAIN = 40.0
SPECIAL = ("<unk>", "<s>", "</s>")
BYTES = tuple(f"<0x{byte:02X}>" for byte in range(256))
PARTS = (
    '{"reason":"recited","distribution":{',
    *(f'"{label}":{RECITED[label]},' for label in LABELS[:-1]),
    f'"{LABELS[-1]}":{RECITED[LABELS[-1]]}}},"incongruence":{INCONGRUENCE}}}',
)
TOKENS = (*SPECIAL, *BYTES, *PARTS)
END = SPECIAL.index("</s>")
TEMPLATE = "{% for message in messages %}{{ message.content }}{% endfor %}\n"

Weights = dict[str, NDArray[np.float32]]


def write_reciter(path: Path) -> None:
    """A model that answers `PARTS` to anything."""
    weights = {name: np.zeros(shape, np.float32) for name, shape in _shapes().items()}
    for name in weights:
        if "norm" in name:
            weights[name][:] = 1.0
    weights["token_embd.weight"] = np.eye(len(TOKENS), WIDTH, dtype=np.float32)
    first = len(SPECIAL) + len(BYTES)
    follows = weights["output.weight"]
    follows[first, :first] = CERTAIN
    for part in range(first, len(TOKENS) - 1):
        follows[part + 1, part] = CERTAIN
    follows[END, len(TOKENS) - 1] = CERTAIN
    _write(path, weights)


def write_babbler(path: Path, seed: int) -> None:
    """A model of random weights."""
    chance = np.random.default_rng(seed)
    weights = {
        name: chance.normal(0.0, 0.3, shape).astype(np.float32) for name, shape in _shapes().items()
    }
    # Never the likeliest: half a character of UTF-8 is no text, and the server gives up over it.
    beyond_ascii = slice(len(SPECIAL) + 128, len(SPECIAL) + len(BYTES))
    weights["output.weight"][beyond_ascii] = 0.0
    _write(path, weights)


def _shapes() -> dict[str, tuple[int, ...]]:
    square, up, down = (WIDTH, WIDTH), (INNER, WIDTH), (WIDTH, INNER)
    return {
        "token_embd.weight": (len(TOKENS), WIDTH),
        "output_norm.weight": (WIDTH,),
        "output.weight": (len(TOKENS), WIDTH),
        "blk.0.attn_norm.weight": (WIDTH,),
        "blk.0.attn_q.weight": square,
        "blk.0.attn_k.weight": square,
        "blk.0.attn_v.weight": square,
        "blk.0.attn_output.weight": square,
        "blk.0.ffn_norm.weight": (WIDTH,),
        "blk.0.ffn_gate.weight": up,
        "blk.0.ffn_up.weight": up,
        "blk.0.ffn_down.weight": down,
    }


def _write(path: Path, weights: Weights) -> None:
    kinds = gguf.TokenType
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_context_length(CONTEXT)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(1)
    writer.add_feed_forward_length(INNER)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(HEADS)
    writer.add_rope_dimension_count(WIDTH // HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_vocab_size(len(TOKENS))
    writer.add_tokenizer_model("llama")
    writer.add_token_list(TOKENS)
    writer.add_token_scores([0.0] * len(TOKENS))
    writer.add_token_types(
        [kinds.UNKNOWN, kinds.CONTROL, kinds.CONTROL]
        + [kinds.BYTE] * len(BYTES)
        + [kinds.NORMAL] * len(PARTS)
    )
    writer.add_unk_token_id(0)
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(END)
    writer.add_add_space_prefix(False)
    writer.add_chat_template(TEMPLATE)
    for name, values in weights.items():
        writer.add_tensor(name, values)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
