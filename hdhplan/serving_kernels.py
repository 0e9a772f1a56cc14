"""When a visitor's kernel ends: soon after their page is gone, later where a page is left alone.

Configured by name in `data/voila.json`; Voilà makes it, in the server's process.
"""

from __future__ import annotations

from jupyter_server.services.kernels.kernelmanager import AsyncMappingKernelManager
from traitlets import Integer


class VisitorKernels(AsyncMappingKernelManager):
    """Kernels of pages: one without a page that listens ends much sooner than one that rests.

    A page that is left tells the server so itself; one that is killed, or whose machine goes to
    sleep, is only missed.
    """

    abandoned_timeout = Integer(
        30, config=True, help="Seconds without a page after which a kernel ends."
    )

    async def cull_kernel_if_idle(self, kernel_id: str) -> None:
        """End a kernel that nobody listens to, or that has rested for long."""
        patience = self.cull_idle_timeout
        if not self._kernel_connections.get(kernel_id, 0):
            self.cull_idle_timeout = self.abandoned_timeout
        try:
            await super().cull_kernel_if_idle(kernel_id)
        finally:
            self.cull_idle_timeout = patience
