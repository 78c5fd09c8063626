"""A server that answers as the official pages print it, and refuses any request that is not shaped as they say.

It keeps no state and shares no rule with the stand-in: what both accept is what the platform documents.
"""

from __future__ import annotations

import json
import threading
from collections import Counter
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

#: A member that may be absent.
OPTIONAL = "?"
JPEG = b"\xff\xd8\xff\xe0" + b"picture" * 40


@dataclass(frozen=True)
class Page:
    """One interface: its method, the query it needs, the members of its body, and the answer printed for it."""

    answer: Any
    method: str = "POST"
    query: frozenset[str] = frozenset({"access_token"})
    body: dict[str, Any] = field(default_factory=dict)
    takes_file: bool = False


def get(answer: Any, *query: str) -> Page:
    return Page(answer, "GET", frozenset(query))


def post(answer: Any, **body: Any) -> Page:
    return Page(answer, body=body)


OK = {"errcode": 0, "errmsg": "ok"}
TOKEN = {"access_token": "ACCESS_TOKEN" * 40, "expires_in": 7200}
FIELDS = {"*": {"value": str}}
FOLLOWER = {
    "subscribe": 1, "openid": "o6_bmjrPTlm6_2sgVt7hMZOPfL2M", "language": "zh_CN", "subscribe_time": 1382694957,
    "unionid": "o6_bmasdasdsad6_2sgVt7hMZOPfL", "remark": "", "groupid": 0, "tagid_list": [128, 2],
    "subscribe_scene": "ADD_SCENE_QR_CODE", "qr_scene": 98765, "qr_scene_str": "d_123",
}

PAGES: dict[str, Page] = {
    "/cgi-bin/stable_token": Page(
        TOKEN, query=frozenset(),
        body={"grant_type": str, "appid": str, "secret": str, "force_refresh": bool}),
    "/cgi-bin/gettoken": get({**OK, **TOKEN}, "corpid", "corpsecret"),
    "/sns/jscode2session": get(
        {"openid": "oGZUI0egBJY1zhBYw2KhdUfwVJJE", "session_key": "tiihtNczf5v6AKRyjwEUhQ==",
         "unionid": "ocMvos6NjeKLIBqg5Mr9QjxrP1FA"},
        "appid", "secret", "js_code", "grant_type"),
    "/sns/oauth2/access_token": get(
        {"access_token": "WEB_TOKEN", "expires_in": 7200, "refresh_token": "REFRESH",
         "openid": "o6_bmjrPTlm6_2sgVt7hMZOPfL2M", "scope": "snsapi_userinfo",
         "unionid": "o6_bmasdasdsad6_2sgVt7hMZOPfL"},
        "appid", "secret", "code", "grant_type"),
    "/cgi-bin/ticket/getticket": get({**OK, "ticket": "TICKET", "expires_in": 7200}, "access_token", "type"),
    "/wxa/business/getuserphonenumber": post(
        {**OK, "phone_info": {"phoneNumber": "13800000001", "purePhoneNumber": "13800000001", "countryCode": "86",
                              "watermark": {"timestamp": 0, "appid": ""}}},
        code=str, openid=str),
    "/wxa/getwxacodeunlimit": post(
        JPEG, scene=str, page=str, check_path=bool, env_version=str, width=int),
    "/wxa/generate_urllink": post(
        {**OK, "url_link": "https://wxaurl.cn/AbCdEfGhIj"},
        path=str, query=str, expire_type=int, expire_interval=int, env_version=str),
    "/wxa/generatescheme": post(
        {**OK, "openlink": "weixin://dl/business/?t=AbCdEfGhIj"},
        jump_wxa={"path": str, "query": str, "env_version": str}, is_expire=bool, expire_type=int,
        expire_interval=int),
    "/wxa/msg_sec_check": post(
        {**OK, "result": {"suggest": "pass", "label": 100},
         "detail": [{"strategy": "content_model", "errcode": 0, "suggest": "pass", "label": 100, "prob": 90}],
         "trace_id": "60ae120f-371d5872-7941a05b"},
        version=int, openid=str, scene=int, content=str),
    "/wxa/media_check_async": post(
        {**OK, "trace_id": "967e945cd8a3e458f3c74dcb886068e9"},
        version=int, openid=str, scene=int, media_url=str, media_type=int),
    "/wxaapi/newtmpl/gettemplate": get(
        {**OK, "data": [
            {"priTmplId": "9Aw5ZV1j9xdWTFEkqCpZ7mIBbSC34khK55OtzUPl0rU", "title": "报名结果通知",
             "content": "会议时间:{{date2.DATA}}\n会议地点:{{thing1.DATA}}\n状态:{{enum3.DATA}}\n",
             "example": "会议时间:2016年8月8日\n会议地点:TIT会议室\n", "type": 2,
             "keywordEnumValueList": [{"enumValueList": ["已签到", "未签到"], "keywordCode": "enum3.DATA"}]},
            {"priTmplId": "later", "title": "新类型", "content": "", "example": "", "type": 4}]},
        "access_token"),
    "/wxaapi/newtmpl/getcategory": get({**OK, "data": [{"id": 616, "name": "公交"}]}, "access_token"),
    "/wxaapi/newtmpl/getpubtemplatetitles": get(
        {**OK, "count": 55, "data": [{"tid": 99, "title": "付款成功通知", "type": 2, "categoryId": "616"}]},
        "access_token", "ids", "start", "limit"),
    "/wxaapi/newtmpl/getpubtemplatekeywords": get(
        {**OK, "count": 7, "data": [{"kid": 1, "name": "物品名称", "example": "名称", "rule": "thing"}]},
        "access_token", "tid"),
    "/wxaapi/newtmpl/addtemplate": post(
        {**OK, "priTmplId": "9Aw5ZV1j9xdWTFEkqCpZ7jWySL7aGN6rQom4gPINfJs"}, tid=str, kidList=[int], sceneDesc=str),
    "/wxaapi/newtmpl/deltemplate": post(OK, priTmplId=str),
    "/cgi-bin/message/subscribe/send": post(
        OK, touser=str, template_id=str, page=str, miniprogram_state=str, lang=str, data=FIELDS),
    "/cgi-bin/message/subscribe/bizsend": post(
        OK, touser=str, template_id=str, data=FIELDS, **{"page?": str, "miniprogram?": {"appid": str, "pagepath": str}}),
    "/cgi-bin/message/template/send": post(
        {**OK, "msgid": 200228332}, touser=str, template_id=str, data=FIELDS,
        **{"url?": str, "miniprogram?": {"appid": str, "pagepath": str}, "client_msg_id?": str}),
    "/cgi-bin/message/custom/send": post(
        OK, touser=str, msgtype=str,
        **{"text?": {"content": str}, "image?": {"media_id": str}, "aimsgcontext?": {"is_ai_msg": int},
           "link?": {"title": str, "description": str, "url": str, "thumb_url": str},
           "news?": {"articles": [{"title": str, "description": str, "url": str, "picurl": str}]},
           "miniprogrampage?": {"title": str, "pagepath": str, "thumb_media_id": str, "appid?": str}}),
    "/cgi-bin/message/custom/typing": post(OK, touser=str, command=str),
    "/cgi-bin/media/upload": Page(
        {"type": "image", "media_id": "MEDIA_ID", "created_at": 1234567890},
        query=frozenset({"access_token", "type"}), takes_file=True),
    "/cgi-bin/menu/create": post(OK, button=[{
        "name": str, "type?": str, "key?": str, "url?": str, "appid?": str, "pagepath?": str,
        "sub_button?": [{"type": str, "name": str, "key?": str, "url?": str, "appid?": str, "pagepath?": str}]}]),
    "/cgi-bin/menu/delete": get(OK, "access_token"),
    "/cgi-bin/qrcode/create": post(
        {"ticket": "gQH47joAAAAAAAAAASxodHRwOi8vd2VpeGluLnFxLmNvbS9x", "expire_seconds": 604800,
         "url": "http://weixin.qq.com/q/kZgfwMTm72WWPkovabbI"},
        action_name=str, action_info={"scene": {"scene_str": str}}, **{"expire_seconds?": int}),
    "/cgi-bin/user/info": get(FOLLOWER, "access_token", "openid", "lang"),
    "/cgi-bin/user/info/batchget": post(
        {"user_info_list": [FOLLOWER, {"subscribe": 0, "openid": "otvxTs_JZ6SEiP0imdhpi50fuSZg"}]},
        user_list=[{"openid": str, "lang": str}]),
    "/cgi-bin/openapi/quota/get": post(
        {**OK, "quota": {"daily_limit": 10000000, "used": 1, "remain": 9999999},
         "rate_limit": {"call_count": 100000, "refresh_second": 5}}, cgi_path=str),
    "/cgi-bin/callback/check": post(
        {"dns": [{"ip": "111.161.64.40", "real_operator": "UNICOM"}, {"ip": "111.161.64.48", "real_operator": "UNICOM"}],
         "ping": [{"ip": "111.161.64.40", "from_operator": "UNICOM", "package_loss": "0%", "time": "23.079ms"},
                  {"ip": "111.161.64.48", "from_operator": "UNICOM", "package_loss": "25%", "time": "21.434ms"}]},
        action=str, check_operator=str),
    "/cgi-bin/agent/get": get(
        {**OK, "agentid": 1000002, "name": "NAME", "square_logo_url": "xxxxxxxx", "description": "desc", "close": 0},
        "access_token", "agentid"),
    "/cgi-bin/message/send": post(
        {**OK, "invaliduser": "UserID2|userid3", "invalidparty": "", "invalidtag": "", "unlicenseduser": "userid4",
         "msgid": "xxxx", "response_code": "xyzxyz"},
        touser=str, msgtype=str, agentid=int, enable_duplicate_check=int, duplicate_check_interval=int,
        **{"text?": {"content": str}, "markdown?": {"content": str},
           "textcard?": {"title": str, "description": str, "url": str}}),
    "/cgi-bin/message/recall": post(OK, msgid=str),
    "/cgi-bin/appchat/create": post({**OK, "chatid": "CHATID"}, name=str, owner=str, userlist=[str], **{"chatid?": str}),
    "/cgi-bin/appchat/update": post(
        OK, chatid=str, **{"add_user_list?": [str], "del_user_list?": [str]}),
    "/cgi-bin/appchat/send": post(
        OK, chatid=str, msgtype=str, safe=int,
        **{"text?": {"content": str}, "markdown?": {"content": str},
           "textcard?": {"title": str, "description": str, "url": str}}),
    "/cgi-bin/webhook/send": Page(
        OK, query=frozenset({"key"}),
        body={"msgtype": str, "text?": {"content": str, "mentioned_list": [str]}, "markdown?": {"content": str}}),
}


def differs(given: Any, shape: Any, place: str = "body") -> str | None:
    """Where `given` is not of this shape, or None."""
    if isinstance(shape, type):
        fits = isinstance(given, shape) and (shape is bool or not isinstance(given, bool))
        return None if fits and (given != "" or place.endswith(".query")) else place
    if isinstance(shape, list):
        if not isinstance(given, list):
            return place
        return next((found for one in given if (found := differs(one, shape[0], place))), None)
    if not isinstance(given, dict):
        return place
    if "*" in shape:
        return next((found for name, one in given.items() if (found := differs(one, shape["*"], f"{place}.{name}"))), None)
    known = {name.removesuffix(OPTIONAL): name for name in shape}
    strange = [name for name in given if name not in known]
    missing = [name for name in shape if not name.endswith(OPTIONAL) and name not in given]
    if strange or missing:
        return f"{place}.{(strange + missing)[0]}"
    return next((found for name in given if (found := differs(given[name], shape[known[name]], f"{place}.{name}"))), None)


class RecordedPlatform:
    """Serves PAGES. `problems` holds every request that was not as documented."""

    def __init__(self) -> None:
        self.calls: Counter[str] = Counter()
        self.problems: list[str] = []
        self.refusals: dict[str, int] = {}
        self.changes: dict[str, Any] = {}
        platform = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_GET(self) -> None:
                self._answer("GET")

            def do_POST(self) -> None:
                self._answer("POST")

            def _answer(self, method: str) -> None:
                raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                body = platform.answer(method, self.path, self.headers.get("Content-Type", ""), raw)
                is_picture = body.startswith(b"\xff\xd8")
                self.send_response(200)
                self.send_header("Content-Type", "image/jpeg" if is_picture else "application/json; encoding=utf-8")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def answer(self, method: str, target: str, media_type: str, raw: bytes) -> bytes:
        parts = urlsplit(target)
        self.calls[parts.path] += 1
        problem = self._find_problem(method, parts.path, set(parse_qs(parts.query)), media_type, raw)
        if problem:
            self.problems.append(f"{parts.path}: {problem}")
            return json.dumps({"errcode": 47001, "errmsg": f"data format error {problem}"}).encode()
        if parts.path in self.refusals:
            refusal = {"errcode": self.refusals[parts.path], "errmsg": "refused rid: 5fd8be3e-1b2c3d4e-5f6a7b8c"}
            return json.dumps(refusal).encode()
        answer = self.changes.get(parts.path, PAGES[parts.path].answer)
        return answer if isinstance(answer, bytes) else json.dumps(answer, ensure_ascii=False).encode()

    def _find_problem(self, method: str, path: str, query: set[str], media_type: str, raw: bytes) -> str | None:
        page = PAGES.get(path)
        if page is None or page.method != method:
            return "no such interface"
        if query != page.query:
            return f"query has {sorted(query)}"
        if page.takes_file:
            return None if media_type.startswith("multipart/form-data") and b'name="media"' in raw else "no file"
        if method == "GET":
            return None
        try:
            return differs(json.loads(raw), page.body)
        except ValueError:
            return "not JSON"

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
