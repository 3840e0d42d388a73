# The gateway alone, as one static program on Google's distroless base: CA certificates, time
# zones, and no shell.
#
#   docker build -t isthmus .
#   docker run --rm -v isthmus:/data isthmus setup --config /data/config.toml --domains example.org --component ap.example.org
#   docker run -d -v isthmus:/data -p 127.0.0.1:8080:8080 isthmus
#
# /data holds config.toml, the database and the control socket. Inside a container listen on
# "0.0.0.0:8080", name the XMPP server by its address on the container network, and set [monitor]
# listen = "127.0.0.1:9180" for the health check. The user is 65532; let it read config.toml and
# write to /data. With an XMPP server and Caddy beside it: gateway setup --print compose.

FROM golang:1.26.10-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG RELEASE=0.1.0
RUN CGO_ENABLED=0 go build -trimpath -buildvcs=false -ldflags "-s -w -X main.release=${RELEASE}" -o /out/usr/local/bin/gateway ./cmd/gateway && mkdir -p /out/data

FROM gcr.io/distroless/static-debian12:nonroot
COPY --from=build --chown=65532:65532 /out/data /data
COPY --from=build /out/usr/local/bin/gateway /usr/local/bin/gateway
USER 65532:65532
WORKDIR /data
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=10s --start-period=2m CMD ["/usr/local/bin/gateway", "healthcheck", "--config", "/data/config.toml"]
ENTRYPOINT ["/usr/local/bin/gateway"]
CMD ["run", "--config", "/data/config.toml"]
