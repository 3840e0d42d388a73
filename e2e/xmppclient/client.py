"""Real XMPP clients (slixmpp) for scenarios, driven by JSON lines.

Standard input carries one command per line, {"id", "do", "client", ...};
standard output carries {"id", "ok"} or {"id", "error"} for each, and
{"client", "in": XML} for every stanza a client receives, {"client", "gone"}
when its stream ends. Sessions, rosters, commands, registration, disco and
vCards are slixmpp's own code; pubsub payloads are passed through as XML,
because what Movim and others write has to arrive exactly as they write it.
"""
import asyncio
import json
import sys
import xml.etree.ElementTree as ET

import slixmpp
from slixmpp.exceptions import IqError, IqTimeout
from slixmpp.xmlstream import tostring

TIMEOUT = 30
clients = {}


def say(**what):
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


def xml(element):
    """XML of a stanza or element, with its namespaces spelled out."""
    return tostring(getattr(element, "xml", element), top_level=True)


class Client(slixmpp.ClientXMPP):
    def __init__(self, name, jid, password):
        super().__init__(jid, password, plugin_config={
            "feature_mechanisms": {"unencrypted_plain": True, "unencrypted_scram": True},
        })
        self.name = name
        self.auto_authorize = None  # people decide, not the library
        self.auto_subscribe = False
        self.ready = asyncio.get_event_loop().create_future()
        for plugin in ("xep_0004", "xep_0030", "xep_0050", "xep_0054", "xep_0066", "xep_0077",
                       "xep_0092", "xep_0115", "xep_0199"):
            self.register_plugin(plugin)
        self["xep_0077"].create_account = False
        self.add_filter("in", self.note)
        self.add_event_handler("session_start", self.started)
        self.add_event_handler("failed_all_auth", lambda _: self.fail("authentication failed"))
        self.add_event_handler("connection_failed", lambda e: self.fail("connection failed: %s" % e))
        self.add_event_handler("disconnected", self.ended)

    def note(self, stanza):
        if stanza is not None and stanza.name in ("message", "presence", "iq"):
            say(client=self.name, **{"in": xml(stanza)})
        return stanza

    def fail(self, why):
        if not self.ready.done():
            self.ready.set_exception(RuntimeError(why))
        self.abort()

    async def started(self, _):
        await self.get_roster()
        if not self.ready.done():
            self.ready.set_result(str(self.boundjid))

    def ended(self, why):
        clients.pop(self.name, None)
        self.fail("disconnected: %s" % why)
        say(client=self.name, gone=str(why or ""))


def form_of(iq):
    """Fields of the data form in a command's or registration's answer."""
    x = iq.xml.find(".//{jabber:x:data}x")
    if x is None:
        return {}
    out = {}
    for field in x.findall("{jabber:x:data}field"):
        values = [v.text or "" for v in field.findall("{jabber:x:data}value")]
        out[field.get("var") or ""] = "\n".join(values)
    return out


def submit(ftype, fields):
    x = ET.Element("{jabber:x:data}x", {"type": "submit"})
    if ftype:
        fields = {"FORM_TYPE": ftype, **fields}
    for var, value in fields.items():
        field = ET.SubElement(x, "{jabber:x:data}field", {"var": var})
        for line in (value if isinstance(value, list) else [value]):
            ET.SubElement(field, "{jabber:x:data}value").text = str(line)
    return x


async def login(cmd, _):
    c = Client(cmd["client"], cmd["jid"], cmd["password"])
    clients[cmd["client"]] = c
    c.connect((cmd["host"], cmd["port"]), use_ssl=False, force_starttls=False, disable_starttls=True)
    try:
        return await asyncio.wait_for(c.ready, TIMEOUT)
    except Exception:
        clients.pop(cmd["client"], None)
        raise


async def logout(_, c):
    c.auto_reconnect = False
    await c.disconnect(wait=1.0)


async def cut(_, c):
    c.abort()  # as when the network goes away: no unavailable presence


async def presence(cmd, c):
    c.send_presence(pto=cmd.get("to"), ptype=cmd.get("type"), pshow=cmd.get("show"))


async def raw(cmd, c):
    c.send_raw(cmd["xml"])


async def iq(cmd, c):
    """One IQ; the answer, also an error, is returned as XML."""
    q = c.make_iq(ito=cmd.get("to") or None, itype=cmd["type"])
    q.append(ET.fromstring(cmd["xml"]))
    try:
        return xml(await q.send(timeout=cmd.get("timeout", TIMEOUT)))
    except IqError as e:
        return xml(e.iq)


async def chat(cmd, c):
    m = c.make_message(mto=cmd["to"], mbody=cmd["body"], mtype="chat")
    if "thread" in cmd:
        m["thread"] = cmd["thread"]
    m.send()
    return m["id"]


async def commands(cmd, c):
    """Nodes and names of the ad-hoc commands an address offers (XEP-0050 §3.1)."""
    items = await c["xep_0050"].get_commands(cmd["to"], timeout=TIMEOUT)
    return {node: name for _, node, name in items["disco_items"]["items"]}


async def command(cmd, c):
    """Runs an ad-hoc command through all its steps (XEP-0050 §3): `fields` is
    what to fill in, at whichever step the form asks for it."""
    fields = dict(cmd.get("fields") or {})
    session, action, payload, steps = None, "execute", None, 0
    while True:
        q = c.make_iq(ito=cmd["to"], itype="set")
        q["command"]["node"] = cmd["node"]
        if action != "execute" or session is None:
            q["command"]["action"] = action
        if session:
            q["command"]["sessionid"] = session
        if payload is not None:
            q["command"].append(payload)
        r = await q.send(timeout=TIMEOUT)
        got = r["command"]
        steps += 1
        answer = {
            "status": got["status"], "form": form_of(r), "steps": steps,
            "notes": [{"type": t, "text": n} for t, n in got["notes"]], "xml": xml(r),
        }
        if got["status"] != "executing" or steps > 5 or cmd.get("once"):
            return answer
        asked = form_of(r)
        values = {var: fields.get(var, asked[var]) for var in asked if var != "FORM_TYPE"}
        values.update({k: v for k, v in fields.items() if k not in values})
        session, payload = got["sessionid"], submit(asked.get("FORM_TYPE"), values)
        actions = got["actions"]
        action = cmd.get("action") or ("next" if "next" in actions and "complete" not in actions else "complete")


async def registration(cmd, c):
    r = await c["xep_0077"].get_registration(jid=cmd["to"], timeout=TIMEOUT)
    return {"registered": r["register"]["registered"], "instructions": r["register"]["instructions"],
            "form": form_of(r), "xml": xml(r)}


async def register(cmd, c):
    """Registers (XEP-0077 §3.1.1): fetches the form and sends it back filled in."""
    asked = await registration(cmd, c)
    values = {k: v for k, v in asked["form"].items() if k != "FORM_TYPE"}
    values.update(cmd.get("fields") or {})
    q = c.make_iq(ito=cmd["to"], itype="set")
    query = ET.Element("{jabber:iq:register}query")
    if "{jabber:x:data}x" in asked["xml"] or "jabber:x:data" in asked["xml"]:
        query.append(submit(asked["form"].get("FORM_TYPE") or "jabber:iq:register", values))
    q.append(query)
    return xml(await q.send(timeout=TIMEOUT))


async def unregister(cmd, c):
    return xml(await c["xep_0077"].cancel_registration(jid=cmd["to"], timeout=TIMEOUT))


async def info(cmd, c):
    r = await c["xep_0030"].get_info(jid=cmd["to"], node=cmd.get("node"), timeout=TIMEOUT, cached=False)
    d = r["disco_info"]
    return {"identities": [{"category": i[0], "type": i[1], "lang": i[2] or "", "name": i[3] or ""} for i in d["identities"]],
            "features": sorted(d["features"]), "xml": xml(r)}


async def items(cmd, c):
    r = await c["xep_0030"].get_items(jid=cmd["to"], node=cmd.get("node"), timeout=TIMEOUT)
    return [{"jid": str(i[0]), "node": i[1] or "", "name": i[2] or ""} for i in r["disco_items"]["items"]]


async def ping(cmd, c):
    return await c["xep_0199"].ping(jid=cmd["to"], timeout=TIMEOUT)


async def version(cmd, c):
    r = await c["xep_0092"].get_version(cmd["to"], timeout=TIMEOUT)
    return {"name": r["software_version"]["name"], "version": r["software_version"]["version"]}


async def vcard(cmd, c):
    r = await c["xep_0054"].get_vcard(jid=cmd["to"], cached=False, timeout=TIMEOUT)
    return xml(r)


DO = {f.__name__: f for f in (login, logout, cut, presence, raw, iq, chat, commands, command, registration, register,
                              unregister, info, items, ping, version, vcard)}


async def run(cmd):
    try:
        c = clients.get(cmd.get("client"))
        if c is None and cmd["do"] != "login":
            raise RuntimeError("%s is not logged in" % cmd.get("client"))
        say(id=cmd["id"], ok=await DO[cmd["do"]](cmd, c))
    except IqError as e:
        say(id=cmd["id"], error="%s/%s %s" % (e.iq["error"]["type"], e.condition, e.text), stanza=xml(e.iq))
    except IqTimeout:
        say(id=cmd["id"], error="no answer within %d s" % TIMEOUT)
    except Exception as e:  # the scenario reads it
        say(id=cmd["id"], error="%s: %s" % (type(e).__name__, e))


async def main():
    reader = asyncio.StreamReader(limit=1 << 26)
    loop = asyncio.get_event_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    say(ready=slixmpp.__version__)
    tasks = set()
    while line := await reader.readline():
        task = loop.create_task(run(json.loads(line)))
        tasks.add(task)
        task.add_done_callback(tasks.discard)


asyncio.get_event_loop_policy().get_event_loop().run_until_complete(main())
