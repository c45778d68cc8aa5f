"""llama.cpp's own server, as a process: `python llama_server.py MODEL.gguf`.

Prints its address, and ends when its standard input does.
"""

import sys

import xllamacpp

CONTEXT = 16_384


def main() -> None:
    parameters = xllamacpp.CommonParams()
    parameters.model.path = sys.argv[1]
    parameters.n_ctx = CONTEXT
    parameters.n_parallel = 1
    parameters.port = 0
    parameters.warmup = False
    parameters.cpuparams.n_threads = 1
    server = xllamacpp.Server(parameters)
    print(server.listening_address, flush=True)  # noqa: T201  what the test waits for
    sys.stdin.read()


if __name__ == "__main__":
    main()
