"""The families of functions: a file, and the public names that are loaded from it when named."""

__all__ = ["FAMILIES"]

FAMILIES = {
    "adaptive_pooling": (
        "adaptive_avg_pool1d adaptive_avg_pool2d adaptive_avg_pool3d adaptive_max_pool1d "
        "adaptive_max_pool1d_with_indices adaptive_max_pool2d adaptive_max_pool2d_with_indices "
        "adaptive_max_pool3d adaptive_max_pool3d_with_indices"
    ),
    "attention": "scaled_dot_product_attention",
    "average_pooling": "avg_pool1d avg_pool2d avg_pool3d lp_pool1d lp_pool2d lp_pool3d",
    "classification": (
        "binary_cross_entropy binary_cross_entropy_with_logits categorical_cross_entropy "
        "sparse_categorical_cross_entropy"
    ),
    "convolution": "conv1d conv2d conv3d",
    "ctc": "ctc_loss",
    "distance": "cosine_similarity pairwise_distance pdist",
    "divergence": "gaussian_nll_loss kl_div poisson_nll_loss",
    "fractional_pooling": (
        "fractional_max_pool2d fractional_max_pool2d_with_indices fractional_max_pool3d "
        "fractional_max_pool3d_with_indices"
    ),
    "grids": "affine_grid grid_sample",
    "interpolation": "interpolate upsample upsample_bilinear upsample_nearest",
    "margins": (
        "multi_margin_loss multilabel_margin_loss multilabel_soft_margin_loss soft_margin_loss"
    ),
    "max_pooling": (
        "max_pool1d max_pool1d_with_indices max_pool2d max_pool2d_with_indices max_pool3d "
        "max_pool3d_with_indices"
    ),
    "max_unpooling": "max_unpool1d max_unpool2d max_unpool3d",
    "multi_head_attention": "multi_head_attention_forward",
    "padding": "pad",
    "pairs": (
        "cosine_embedding_loss hinge_embedding_loss margin_ranking_loss triplet_margin_loss "
        "triplet_margin_with_distance_loss"
    ),
    "pixels": "pixel_shuffle pixel_unshuffle",
    "regression": "huber_loss l1_loss mse_loss smooth_l1_loss",
    "response_norm": "local_response_norm",
    "transposed_convolution": "conv_transpose1d conv_transpose2d conv_transpose3d",
    "unfolding": "fold unfold",
    "weighted_pooling": "weighted_avg_pool1d weighted_avg_pool2d",
}
