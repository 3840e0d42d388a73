# Builds the gateway and puts nothing else into the image but CA certificates.
#
#   docker build -t isthmus .
#   docker run -v isthmus:/data -p 127.0.0.1:8080:8080 isthmus
#
# /data holds config.toml and the database. Inside a container, listen on
# "0.0.0.0:8080", and name the XMPP server by its address on the container
# network. The user is 65532; let it read config.toml and write to /data.

FROM golang:1.26.10-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG RELEASE=0.1.0
RUN CGO_ENABLED=0 go build -trimpath -ldflags "-s -w -X main.release=${RELEASE}" -o /out/gateway ./cmd/gateway \
 && mkdir -p /out/data /out/tmp

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build /out/gateway /usr/local/bin/gateway
COPY --from=build --chown=65532:65532 /out/tmp /tmp
COPY --from=build --chown=65532:65532 /out/data /data
USER 65532:65532
WORKDIR /data
VOLUME /data
EXPOSE 8080
ENTRYPOINT ["/usr/local/bin/gateway"]
CMD ["run", "--config", "/data/config.toml"]
