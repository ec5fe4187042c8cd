"""Names of TensorFlow 1 that `autograd.static` lacks, and what to write."""

from __future__ import annotations

from autograd.engine.spellings.spread import spread

__all__ = ["STATIC"]

_QUEUES = "batches are cut in Python and fed: session.run(step, {x: batch})"
_CELLS = "two dynamic_rnn, one over tf.reverse(x, [1]), or tf.scan"

STATIC: dict[str, dict[str, str]] = {
    "autograd.static": spread(
        {
            "data": "nn.data.DataLoader of arrays gives batches, which are fed",
            "FIFOQueue RandomShuffleQueue TextLineReader WholeFileReader read_file": _QUEUES,
            "estimator": "a loop of session.run, or nn.Model with compile and fit",
            "keras": "from nn import keras",
            "py_func": "leave it out: session.run gives the numbers to Python",
            "string": "text is no number: encode it before it is fed",
            "sparse_placeholder SparseTensor sparse_tensor_dense_matmul": "arrays are dense",
            "scatter_update scatter_add scatter_nd": "tf.assign(v, tf.where(mask, new, v))",
            "gather_nd boolean_mask": "tf.gather, or tf.one_hot and a sum",
            "report_uninitialized_variables is_variable_initialized": (
                "an uninitialized variable raises when it is read"
            ),
            "metrics": "tf.reduce_mean of tf.equal over the batch, or nn.metrics",
            "GradientTape enable_eager_execution": "import autograd as ag: numbers first",
            "function": "import autograd as ag: ag.compile, where numbers come first",
            "Tensor": "tf.Symbol",
            "batch_matmul": "tf.matmul",
            "pack unpack": "tf.stack, tf.unstack",
            "scalar_summary histogram_summary merge_all_summaries": "leave it out",
        }
    ),
    "autograd.static.nn": spread(
        {
            "bidirectional_dynamic_rnn raw_rnn": _CELLS,
            "nce_loss sampled_softmax_loss": (
                "the whole softmax: sparse_softmax_cross_entropy_with_logits of x w' + b"
            ),
            "conv1d conv2d_transpose conv3d depthwise_conv2d separable_conv2d atrous_conv2d": (
                "nn.Conv1d, nn.ConvTranspose2d, nn.Conv3d, nn.Conv2d(groups=, dilation=)"
            ),
            "lrn local_response_normalization": "nn.LocalResponseNorm",
            "fused_batch_norm": "moments, and batch_normalization, which is here",
            "ctc_loss": "nn.functional.ctc_loss",
        }
    ),
    "autograd.static.layers": spread(
        {
            "conv1d conv3d conv2d_transpose separable_conv2d": "nn.Conv1d, nn.ConvTranspose2d, ...",
            "Dense Conv2D Flatten Layer": "tf.layers.dense and its like, or nn.Linear, nn.Conv2d",
        }
    ),
    "autograd.static.train": spread(
        {
            "FtrlOptimizer ProximalAdagradOptimizer AdagradDAOptimizer "
            "ProximalGradientDescentOptimizer SyncReplicasOptimizer": (
                "AdamOptimizer, RMSPropOptimizer, AdagradOptimizer, MomentumOptimizer"
            ),
            "Coordinator start_queue_runners batch shuffle_batch string_input_producer "
            "slice_input_producer": _QUEUES,
            "MonitoredTrainingSession MonitoredSession Supervisor SessionRunHook": "tf.Session",
            "import_meta_graph export_meta_graph write_graph": (
                "the graph is built by the program; Saver keeps the values"
            ),
            "SummaryWriter": "leave it out",
        }
    ),
    "autograd.static.losses": spread(
        {
            "cosine_distance compute_weighted_loss": (
                "a line of its own: tf.reduce_mean(...) of what it says"
            ),
        }
    ),
}
