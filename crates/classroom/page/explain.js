/**
 * What headers, bits and accounts are for: short texts, English and Chinese.
 */

import { pick } from './texts.js';

const HEADERS = {
  ':request': ['Request line', 'Method, what is wanted, and the version of HTTP. The place (after=) and our token (person=) travel here, with each request anew.', '请求行', '方法、目标与 HTTP 版本。位置（after=）和令牌（person=）每次请求都要重发。'],
  ':status': ['Status line', 'Version, a number that says how it went, and a word for people. 101 changes to another protocol.', '状态行', '版本、结果代码和说明。101 表示切换协议。'],
  host: ['Host', 'Which site is meant: one address may serve many (RFC 9110).', 'Host', '要访问的站点：一个地址可以服务多个站点（RFC 9110）。'],
  connection: ['Connection', 'What to do with this connection afterwards: keep it for the next request, or upgrade it.', 'Connection', '此连接之后如何处理：留给下一个请求，或升级协议。'],
  'user-agent': ['User-Agent', 'What the browser says it is. A hundred bytes or more, with each request; no script can change it.', 'User-Agent', '浏览器的自我描述。每个请求都带上百字节，脚本无法更改。'],
  accept: ['Accept', 'Which media types the answer may have.', 'Accept', '可接受的媒体类型。'],
  'accept-encoding': ['Accept-Encoding', 'Which compressions the browser understands. No script can change it: a lane says in its address whether it wants them (compress=).', 'Accept-Encoding', '浏览器支持的压缩方式，脚本无法更改；通道是否要压缩，写在地址里（compress=）。'],
  'accept-language': ['Accept-Language', 'Which languages the reader prefers.', 'Accept-Language', '用户偏好的语言。'],
  origin: ['Origin', 'Which page is asking. Browsers send it truthfully; the server lets in only pages it knows.', 'Origin', '发出请求的页面来源。服务器只放行已知来源。'],
  referer: ['Referer', 'From which page the request came.', 'Referer', '请求来自哪个页面。'],
  cookie: ['Cookie', 'What the server asked the browser to bring along each time. Often the biggest header of all.', 'Cookie', '服务器要求每次携带的数据，常是最大的请求头部。'],
  'cache-control': ['Cache-Control', 'What caches may do. no-store: a chat’s answer is true for a moment only.', 'Cache-Control', '缓存规则。no-store：聊天响应只在当下有效。'],
  pragma: ['Pragma', 'The same for caches from before 1997. Browsers still send it.', 'Pragma', '给 1997 年以前缓存的同义头部，浏览器仍在发送。'],
  'content-type': ['Content-Type', 'What the body is.', 'Content-Type', '正文的类型。'],
  'content-encoding': ['Content-Encoding', 'How the body is compressed. A stream stays one piece of gzip for as long as it is open, and each event is flushed out of it.', 'Content-Encoding', '正文的压缩方式。流在整个连接期间是同一段 gzip，每个事件都立即刷出。'],
  'content-length': ['Content-Length', 'How many bytes the body has. A stream cannot know, and sends chunks instead.', 'Content-Length', '正文字节数。流无法预知，所以改用分块发送。'],
  'transfer-encoding': ['Transfer-Encoding', 'chunked: the body comes in pieces, each with its size before it, so that it may go on without an end.', 'Transfer-Encoding', 'chunked：正文分块发送，每块前有长度，可以无限继续。'],
  date: ['Date', 'When the answer was made: 37 bytes in each answer.', 'Date', '响应产生的时间：每个响应 37 字节。'],
  vary: ['Vary', 'The answer depends on this header of the request.', 'Vary', '响应取决于请求中的这个头部。'],
  upgrade: ['Upgrade', 'Which protocol to change to: websocket.', 'Upgrade', '要切换到的协议：websocket。'],
  'sec-websocket-key': ['Sec-WebSocket-Key', '16 random bytes in base64. No secret: it only shows that the answer was made for this question.', 'Sec-WebSocket-Key', '16 个随机字节的 base64。不是秘密，只用来证明响应针对本次请求。'],
  'sec-websocket-accept': ['Sec-WebSocket-Accept', 'Computed from the key: shows that the server understood, and is not a cache or a plain HTTP server. See below.', 'Sec-WebSocket-Accept', '由密钥计算：证明服务器懂 WebSocket，而不是缓存或普通的 HTTP 服务器。见下方。'],
  'sec-websocket-version': ['Sec-WebSocket-Version', '13, the version of RFC 6455.', 'Sec-WebSocket-Version', '13，即 RFC 6455 的版本。'],
  'sec-websocket-extensions': ['Sec-WebSocket-Extensions', 'What the browser could do in addition, such as compression. In the answer: what both use from now on. Browsers always offer compression; a lane says in its address whether it wants it (compress=).', 'Sec-WebSocket-Extensions', '浏览器支持的扩展，如压缩；响应中则是双方此后采用的扩展。浏览器总会提出压缩，通道是否要压缩，写在地址里（compress=）。'],
  'access-control-allow-origin': ['Access-Control-Allow-Origin', 'Lets a page from another port read this answer. Here each lane has a port of its own.', 'Access-Control-Allow-Origin', '允许其他端口的页面读取响应。此处每条通道各用一个端口。'],
  'access-control-request-method': ['Access-Control-Request-Method', 'In a preflight: what the page wants to send.', 'Access-Control-Request-Method', '预检中：页面将使用的方法。'],
  'access-control-request-headers': ['Access-Control-Request-Headers', 'In a preflight: which headers of its own the page wants to send.', 'Access-Control-Request-Headers', '预检中：页面将发送的自定义头部。'],
  'last-event-id': ['Last-Event-ID', 'Where an EventSource that comes back wants to go on.', 'Last-Event-ID', 'EventSource 重连时的续读位置。'],
  authorization: ['Authorization', 'Who asks. With HTTP it goes with each request; a WebSocket says it once.', 'Authorization', '身份凭据。HTTP 每次都带，WebSocket 只需一次。'],
  'x-padding': ['X-Padding', 'Nothing but weight: as heavy as cookies often are.', 'X-Padding', '仅为增重：模拟常见的大 Cookie。'],
  'x-request-id': ['X-Request-Id', 'A number by which logs find this request again.', 'X-Request-Id', '用于在日志中追踪请求的编号。'],
};

const LAYERS = {
  payload: ['payload', 'What was said: the JSON of a draft or an event.', '载荷', '消息本身：发言或事件的 JSON。'],
  batch: ['batch', 'The JSON around events in a poll’s answer, or of an acknowledgement.', '批次', '轮询响应中包裹事件的 JSON，或确认。'],
  envelope: ['envelope', 'What a library puts around a message, and its packets without one. Escapes within a message are counted behind it.', '信封', '程序库包在消息外面的内容，以及不含消息的数据包。消息中的转义字符计在消息之后。'],
  text_frame: ['text frame', 'What marks the end of an event in a stream: a line end, or the fields of SSE.', '文本分帧', '流中标示事件结尾的内容：换行或 SSE 字段。'],
  chunk: ['chunk', 'The size in front of each chunk of an HTTP answer, and the line end behind it.', '块', 'HTTP 响应的每一块前面的长度与后面的换行。'],
  http_head: ['HTTP head', 'Request or status line and all headers. On HTTP/2 they are compressed (HPACK, RFC 7541); what is in them stands behind.', 'HTTP 头部', '请求行或状态行及全部头部。在 HTTP/2 上经过压缩（HPACK，RFC 7541），解压后的内容列在其后。'],
  ws_head: ['frame head', 'The two to ten bytes in front of each WebSocket frame.', '帧头', '每个 WebSocket 帧前的 2 至 10 字节。'],
  ws_mask: ['masking key', 'Four random bytes with which a browser masks what it sends.', '掩码密钥', '浏览器发送时使用的 4 个随机字节。'],
  h2_frame: ['HTTP/2 frame', 'The nine bytes in front of each frame that carries a head or content: its length, type, flags and the number of its stream (RFC 9113).', 'HTTP/2 帧头', '每个携带头部或内容的帧之前的 9 字节：长度、类型、标志与流的编号（RFC 9113）。'],
  h2_control: ['HTTP/2 control', 'Frames without a head or content, such as SETTINGS, WINDOW_UPDATE and PING, and the first 24 bytes of a client. Those of the connection stand with the request that was asked last.', 'HTTP/2 控制帧', '不携带头部或内容的帧，如 SETTINGS、WINDOW_UPDATE 和 PING，以及客户端最初的 24 字节。属于整个连接的帧列在最近一次请求下。'],
  tls: ['TLS', 'What a record of TLS puts around its content: five bytes of head, the type, and a tag of 16 bytes that shows that nobody changed it. A handshake and its tickets are records of their own. What was in a record stands behind it.', 'TLS', 'TLS 记录在内容之外增加的字节：5 字节记录头、类型，以及 16 字节认证标签（防篡改）。握手与会话票据各成记录。记录中的内容列在其后。'],
  unparsed: ['not understood', 'Bytes that broke the protocol.', '无法解析', '违反协议的字节。'],
};

const PURPOSES = {
  asked: ['asked', 'A question whose answer is not known yet.', '已请求', '尚未得到响应。'],
  setup: ['set-up', 'Opening: a handshake, or the beginning of a stream.', '建立', '握手或打开流。'],
  deliver: ['deliver', 'Brought at least one message.', '送达', '带来了至少一条消息。'],
  say: ['say', 'A draft on its way up.', '发言', '客户端说出的一条消息，上行。'],
  ack: ['ack', 'The answer to a draft.', '确认', '服务器对发言的回答。'],
  empty: ['empty', 'Brought no event: the price of asking.', '空响应', '没有带来事件：询问的代价。'],
  heartbeat: ['heartbeat', 'Keeps the connection alive.', '心跳', '保持连接。'],
  presence: ['presence', 'Somebody came or left.', '在线状态', '有人加入或离开。'],
  close: ['close', 'Says goodbye.', '关闭', '告别。'],
};

/** English, Chinese, and the name in Chinese where it has one. */
const BITS = {
  FIN: ['1: this frame ends the message. 0: more follows.', '1：消息到此结束；0：后面还有。'],
  'RSV1-3': ['For extensions; RSV1 marks a compressed message.', '留给扩展；RSV1 表示消息经过压缩。'],
  opcode: ['What the frame is: text, binary, or one of the control frames.', '帧类型：文本、二进制或控制帧。', '操作码'],
  MASK: ['1 on everything that a client sends, 0 on everything from a server.', '客户端发送的一律为 1，服务器发送的一律为 0。'],
  length: ['Up to 125: the length itself. 126: two bytes of length follow. 127: eight bytes follow.', '不超过 125 即长度本身；126 后跟 2 字节，127 后跟 8 字节。', '长度'],
  'extended length': ['The length where seven bits were too few; most significant byte first.', '7 位不够时的长度，高位在前。', '扩展长度'],
  'masking key': ['Four random bytes, new for each frame. Byte i of the payload is XORed with key[i mod 4], so that a hostile page cannot choose what a proxy in between sees. It is no encryption.', '每帧 4 个随机字节，载荷第 i 字节与 key[i mod 4] 异或，使恶意页面无法控制代理看到的内容。这不是加密。', '掩码密钥'],
};

/** Opcodes by number (RFC 6455, section 11.8). */
export const OPCODES = {
  0: ['continuation', '延续'],
  1: ['text', '文本'],
  2: ['binary', '二进制'],
  8: ['close', '关闭'],
  9: ['ping', 'ping'],
  10: ['pong', 'pong'],
};

const UNKNOWN = ['A header that this page has no text for.', '本页没有这个头部的说明。'];

/** What a header is for, by its name in lower case; `:request` and `:status` for first lines. */
export function explainHeader(name) {
  const found = HEADERS[name];
  if (found) return { title: pick([found[0], found[2]]), text: pick([found[1], found[3]]) };
  if (name.startsWith('sec-fetch-')) {
    return { title: name, text: pick(['What kind of request this is and where it comes from, as the browser knows it. No script can forge it.', '浏览器标明的请求类型与来源，脚本无法伪造。']) };
  }
  if (name.startsWith('sec-ch-')) {
    return { title: name, text: pick(['A client hint: part of what User-Agent used to say.', '客户端提示：取代部分 User-Agent。']) };
  }
  return { title: name, text: pick(UNKNOWN) };
}

const both = (found) => ({ name: pick([found[0], found[2]]), text: pick([found[1], found[3]]) });

/** What a layer is, by its name. */
export const explainLayer = (layer) => both(LAYERS[layer] ?? LAYERS.unparsed);

/** What a purpose is, by its name. */
export const explainPurpose = (purpose) => both(PURPOSES[purpose] ?? PURPOSES.setup);

/** What a field of a frame is, by its name in RFC 6455. */
export const explainBit = (name) => ({ title: pick([name, BITS[name][2] ?? name]), text: pick(BITS[name]) });
