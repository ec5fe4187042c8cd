# fmt: off
# isort: skip_file
"""The public names of nn.init, and where each is defined."""

from nn.init.fill import (
    constant_ as constant_, normal_ as normal_, ones_ as ones_, trunc_normal_ as trunc_normal_,
    uniform_ as uniform_, zeros_ as zeros_,
)
from nn.init.scaled import (
    calculate_gain as calculate_gain, fans as fans, kaiming_normal_ as kaiming_normal_,
    kaiming_uniform_ as kaiming_uniform_, lecun_normal_ as lecun_normal_,
    lecun_uniform_ as lecun_uniform_, xavier_normal_ as xavier_normal_,
    xavier_uniform_ as xavier_uniform_,
)
from nn.init.structured import (
    dirac_ as dirac_, eye_ as eye_, orthogonal_ as orthogonal_, sparse_ as sparse_,
)
