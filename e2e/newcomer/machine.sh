#!/bin/sh
# A machine for a newcomer: this one, seen through a layer that takes all changes, with a network
# of its own that has no way out, an XMPP server for example.org and a web server. Runs the
# commands from standard input there, one after the other, as somebody who may use sudo.
# Everything is gone afterwards.
#
#   unshare --mount --net --pid --fork machine.sh FOLDER      FOLDER is where the commands run
set -eu
layer=$(mktemp -d)
mount -t tmpfs tmpfs "$layer"
mkdir "$layer/up" "$layer/work" "$layer/root"
mount -t overlay overlay -o "lowerdir=/,upperdir=$layer/up,workdir=$layer/work" "$layer/root"
mount --rbind /dev "$layer/root/dev"
mount -t proc proc "$layer/root/proc"
mount -t tmpfs tmpfs "$layer/root/run"
ip link set lo up
cat >"$layer/root/commands"
mkdir "$layer/root/shims"

# What systemd and sudo would do, as far as the commands ask for it.
cat >"$layer/root/shims/sudo" <<'END'
#!/bin/sh
if [ "$1" = -u ]; then
	user=$2
	shift 2
	exec setpriv --reuid="$user" --regid="$user" --init-groups "$@"
fi
exec "$@"
END
cat >"$layer/root/shims/apt" <<'END'
#!/bin/sh
DEBIAN_FRONTEND=noninteractive exec apt-get -q -y "$@"
END
cat >"$layer/root/shims/systemctl" <<'END'
#!/bin/sh
set -eu
case "$*" in
"restart prosody")
	mkdir -p /run/prosody && chown prosody: /run/prosody
	sudo -u prosody prosody -F --config /etc/prosody/prosody.cfg.lua >/run/prosody.log 2>&1 &
	for _ in $(seq 50); do
		if (exec 3<>/dev/tcp/127.0.0.1/5347) 2>/dev/null || bash -c 'exec 3<>/dev/tcp/127.0.0.1/5347' 2>/dev/null; then exit 0; fi
		sleep 0.2
	done
	cat /run/prosody.log
	exit 1
	;;
"reload nginx") nginx -t && nginx ;;
"enable --now isthmus")
	unit=/usr/lib/systemd/system/isthmus.service
	mkdir -p /run/isthmus && chown isthmus: /run/isthmus
	# shellcheck disable=SC2046
	sudo -u "$(sed -n 's/^User=//p' "$unit")" $(sed -n 's/^ExecStart=//p' "$unit") >/run/isthmus.log 2>&1 &
	for _ in $(seq 50); do
		if grep -q "connected to the XMPP server" /run/isthmus.log; then exit 0; fi
		sleep 0.2
	done
	cat /run/isthmus.log
	exit 1
	;;
*)
	echo "systemctl $*: unknown here" >&2
	exit 1
	;;
esac
END
chmod +x "$layer"/root/shims/*

# What the newcomer has already: accounts at example.org, a name in DNS, a certificate.
cat >"$layer/root/prepare" <<'END'
set -eu
echo 'VirtualHost "example.org"' >/etc/prosody/conf.d/example.org.cfg.lua
printf '127.0.0.1 localhost\n127.0.0.1 ap.example.org\n' >/etc/hosts
live=/etc/letsencrypt/live/ap.example.org
mkdir -p "$live"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 90 -subj /CN=ap.example.org -addext subjectAltName=DNS:ap.example.org \
	-keyout "$live/privkey.pem" -out "$live/fullchain.pem" 2>/dev/null
cat "$live/fullchain.pem" >>/etc/ssl/certs/ca-certificates.crt
END
chroot "$layer/root" sh /prepare
exec chroot "$layer/root" env -C "$1" "PATH=/shims:$PATH" sh -eux /commands
