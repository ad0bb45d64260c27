/**
 * The page's words, in English and in Chinese.
 */

const TEXTS = {
  views: ['Views', '视图'],
  tabLanes: ['Side by side', '并排比较'],
  tabWire: ['The wire', '线上字节'],
  tabTeacher: ['Teacher', '教师'],
  lessons: ['Lessons', '课程'],
  controls: ['Controls', '控制'],
  other: ['中文', 'English'],
  joinAt: ['Join at {url}', '加入：{url}'],
  close: ['Close', '关闭'],
  yourMessage: ['Your message', '消息'],
  typeOnce: ['Type once, watch it arrive in each lane', '输入一次，看它到达每条通道'],
  through: ['through', '经由'],
  send: ['Send', '发送'],
  interval: ['Poll interval', '轮询间隔'],
  hold: ['Hold', '挂起时长'],
  talker: ['Talker', '自动发言'],
  size: ['Text size', '文本大小'],
  headers: ['Headers', '请求头'],
  delay: ['Added delay', '附加延迟'],
  delayHint: ['One way, for all lanes; the teacher sets it.', '单程，作用于所有通道；由教师设置。'],
  headersHint: [
    'Added to fetch only. A script can change no header of an EventSource or a WebSocket, and never Host, User-Agent, Origin, Cookie, Connection, Accept-Encoding or Sec-*. A header of our own makes the browser ask first (OPTIONS): watch for it.',
    '仅加在 fetch 上。脚本不能改变 EventSource 或 WebSocket 的任何请求头，也永远不能改变 Host、User-Agent、Origin、Cookie、Connection、Accept-Encoding 和 Sec-*。自定义头会使浏览器先发 OPTIONS 预检：请留意。',
  ],
  pause: ['Pause picture', '暂停画面'],
  resume: ['Resume', '继续'],
  foot: [
    'Bytes are those at the server’s socket, without TCP, IP or TLS. Click any arrow to see what it carried.',
    '字节数取自服务器套接字，不含 TCP、IP 和 TLS。点击任一箭头可查看其内容。',
  ],
  every: ['every {value}', '每 {value}'],
  off: ['off', '关'],
  perSecond: ['{value} / s', '{value} 条/秒'],
  bytes: ['{value} B', '{value} 字节'],
  plain: ['plain', '普通'],
  api: ['+ API token (0.3 KB)', '+ API 令牌 (0.3 KB)'],
  heavy: ['+ heavy (2 KB)', '+ 大请求头 (2 KB)'],
  short_poll: ['Short polling', '短轮询'],
  long_poll: ['Long polling', '长轮询'],
  http_stream: ['HTTP stream', 'HTTP 流'],
  sse: ['Server-sent events', '服务器发送事件'],
  websocket: ['WebSocket', 'WebSocket'],
  none: ['other', '其他'],
  auto: ['own choice', '自选'],
  laneOn: ['on', '开'],
  connecting: ['connecting', '连接中'],
  connected: ['connected', '已连接'],
  waiting: ['reconnecting', '重连中'],
  closed: ['off', '已关闭'],
  latency: ['latency of the last message', '最近一条消息的延迟'],
  nothingYet: ['nothing heard yet', '尚未收到消息'],
  requests: ['requests', '请求'],
  empty: ['empty polls', '空轮询'],
  preflights: ['preflights', '预检'],
  connections: ['connections', '连接'],
  up: ['up', '上行'],
  down: ['down', '下行'],
  payload: ['payload', '有效载荷'],
  overhead: ['overhead', '开销'],
  ladder: ['Time runs down: browser on the left, server on the right', '时间向下：左为浏览器，右为服务器'],
  browser: ['browser', '浏览器'],
  server: ['server', '服务器'],
  exchanges: ['Exchanges', '交换'],
  lane: ['Lane', '通道'],
  followNewest: ['show the newest', '显示最新'],
  chooseOne: ['Choose an exchange on the left, or click an arrow in a lane.', '在左侧选择一次交换，或在通道中点击箭头。'],
  bothWays: ['{up} B up, {down} B down', '上行 {up} 字节，下行 {down} 字节'],
  upWay: ['Browser → server', '浏览器 → 服务器'],
  downWay: ['Server → browser', '服务器 → 浏览器'],
  asText: ['Text', '文本'],
  asHex: ['Hex', '十六进制'],
  legend: ['Accounts', '账目'],
  notShown: ['… {n} more bytes', '… 另有 {n} 字节'],
  pending: ['not answered yet: accounted for once its answer shows what it was for', '尚未应答：待应答表明用途后入账'],
  frameBits: ['The frame, bit by bit', '逐位解析帧'],
  unmasking: ['Unmasking, byte by byte', '逐字节去掩码'],
  unmasked: ['Unmasked', '去掩码后'],
  accept: ['From Sec-WebSocket-Key to Sec-WebSocket-Accept', '由 Sec-WebSocket-Key 得出 Sec-WebSocket-Accept'],
  explainHint: ['Click a header or a field to have it explained.', '点击请求头或字段查看解释。'],
  connection: ['connection {n}', '连接 {n}'],
  missed: ['{n} notes were dropped: this page was too slow. The counts stay right.', '本页过慢，丢弃了 {n} 条记录；计数仍然正确。'],
  orders: ['For everybody', '全班'],
  moveAll: ['Everybody reads over', '全班改用'],
  talkerRate: ['Talker', '自动发言'],
  start: ['Start talker', '开始发言'],
  stop: ['Stop talker', '停止发言'],
  clear: ['Clear room', '清空房间'],
  totals: ['What the whole class has carried', '全班总流量'],
  here: ['Here now', '在线'],
  people: ['people', '人数'],
  transport: ['transport', '传输方式'],
  perRequest: ['overhead share', '开销占比'],
  awayState: ['no classroom: trying again', '教室已断开，正在重连'],
  teacherState: ['you are the teacher', '您是教师'],
  wrongToken: ['the teacher’s link is out of date', '教师链接已失效'],
  moved: ['The teacher moved everybody to {transport}.', '教师已将全班切换到 {transport}。'],
  movedBack: ['Everybody reads as they chose again.', '已恢复各自选择的传输方式。'],
  cleared: ['The teacher cleared the room.', '教师清空了房间。'],
  messages: ['messages', '消息'],
  computed: ['computed here', '本页计算'],
  received: ['sent by the server', '服务器发送'],
  equal: ['the same: the server understood WebSocket', '一致：服务器确实支持 WebSocket'],
  unequal: ['different: not a WebSocket server', '不一致：不是 WebSocket 服务器'],
};

const LANGS = ['en', 'zh'];
let current = 'en';

/** The language in use. */
export const lang = () => current;

/** Chooses a language; unknown ones leave it as it is. */
export function setLang(name) {
  if (LANGS.includes(name)) current = name;
  document.documentElement.lang = current === 'zh' ? 'zh-CN' : 'en';
}

/** Picks from a pair: English, Chinese. */
export const pick = (pair) => pair[LANGS.indexOf(current)];

/** A text, with `{name}` filled in. */
export function t(key, values = {}) {
  const text = TEXTS[key] ? pick(TEXTS[key]) : key;
  return text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

/** Writes the words into everything that asks for some by `data-text` and its kin. */
export function fill(root = document) {
  for (const element of root.querySelectorAll('[data-text]')) element.textContent = t(element.dataset.text);
  for (const element of root.querySelectorAll('[data-label]')) element.ariaLabel = t(element.dataset.label);
  for (const element of root.querySelectorAll('[data-placeholder]')) {
    element.placeholder = t(element.dataset.placeholder);
  }
}
