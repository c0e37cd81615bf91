# The book in a container, with PyTorch's CPU build:
#   docker build -t rnn-book . && docker run --rm -p 8888:8888 rnn-book
FROM python:3.11-slim-bookworm AS tools
RUN apt-get update \
    && apt-get install -y --no-install-recommends chromium fonts-dejavu-core git make \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --create-home --uid 1000 reader
ENV TORCH_INDEX=cpu

FROM tools AS book
USER reader
WORKDIR /home/reader/book
COPY --chown=reader . .
# Trusted, so that JupyterLab shows the pictures before a cell has run
RUN make book && .venv/bin/jupyter trust book/*.ipynb
EXPOSE 8888
CMD [".venv/bin/jupyter", "lab", "book", "--ip=0.0.0.0", "--no-browser"]
