/**
 * The chat page's words, in English and in Chinese.
 */

import { LABELS, WAYS } from './ways.js';
import { speaks } from './words.js';

const TEXTS = {
  title: ['wirebench chat', 'wirebench 聊天'],
  lanes: ['Side by side', '并排比较'],
  lessons: ['Lessons', '课程'],
  changeRoom: ['Change room', '换房间'],
  online: ['online', '人在线'],
  connect: ['Connect', '连接'],
  disconnect: ['Disconnect', '断开'],
  join: ['Join the chat', '加入聊天'],
  lead: ['One room, seven ways to read it. Pick any: everyone hears the same.', '一个房间，七种读法。任选其一，人人听到的都一样。'],
  yourName: ['Your name', '你的名字'],
  room: ['Room', '房间'],
  roomHint: ['Letters, digits, _ and -.', '字母、数字、_ 和 -。'],
  transport: ['Transport', '传输方式'],
  chat: ['Chat', '聊天'],
  messages: ['Messages', '消息'],
  empty: ['Nobody has said anything yet.', '还没有人说话。'],
  newer: ['New messages ↓', '新消息 ↓'],
  yourMessage: ['Your message', '你的消息'],
  messageAs: ['Message as {name}', '以 {name} 的身份发言'],
  send: ['Send', '发送'],
  panel: ['People and connection', '人员与连接'],
  onlineTitle: ['Online', '在线'],
  connection: ['Connection', '连接'],
  howHere: ['How you got here', '连接经过'],
  whoIsHere: ['Connect to see who is here.', '连接后可见谁在这里。'],
  andMore: ['and {n} more', '另有 {n} 人'],
  joined: ['joined', '来了'],
  left: ['left', '走了'],

  ...LABELS,
  ...Object.fromEntries(WAYS.map(({ name, about }) => [`about_${name}`, about])),
  auto: ['Automatic', '自动'],
  iframe: ['Forever iframe', '永久 iframe'],
  jsonp: ['JSONP polling', 'JSONP 轮询'],
  about_iframe: ['A hidden page that never ends and carries a script per event.', '一个永不结束的隐藏页面，每个事件一段脚本。'],
  about_jsonp: ['A script element asks, and the answer calls a function here.', '用 script 元素发出请求，响应调用本页的函数。'],
  about_auto: ['The best that your browser and network let through.', '浏览器和网络所允许的最佳方式。'],

  connecting: ['Connecting over {way}…', '连接中：{way}…'],
  connected: ['Connected over {way}', '已连接：{way}'],
  serverAway: ['Server away', '服务器不在'],
  reconnecting: ['Reconnecting…', '正在重连…'],
  notLetIn: ['Not let in', '未能进入'],
  closed: ['Disconnected', '已断开'],
  back: ['The server is back.', '服务器回来了。'],
  backMore: ['You are connected again.', '你已重新连接。'],
  away: ['The server has gone away.', '服务器不见了。'],
  awayMore: ['Your place in the chat is kept.', '你读到的位置已保留。'],
  broke: ['The connection broke.', '连接断了。'],
  refused: ['You are not let in.', '暂时无法进入。'],
  tryNow: ['Try now', '立即重试'],
  tryNowIn: ['Try now ({n} s)', '立即重试（{n} 秒）'],
  trying: ['Trying…', '正在重试…'],
  notSent: ['Not sent: {why}.', '未发送：{why}。'],
  newLog: ['The server started anew: its numbers begin again here.', '服务器重新启动：编号从这里重新开始。'],
  oneMissed: [
    '1 event was dropped by the server before you could read it.',
    '有 1 个事件在你读到之前已被服务器丢弃。',
  ],
  manyMissed: [
    '{n} events were dropped by the server before you could read them.',
    '有 {n} 个事件在你读到之前已被服务器丢弃。',
  ],

  step_trying: ['trying…', '尝试中…'],
  step_open: ['open after {tookMs} ms', '{tookMs} 毫秒后打开'],
  step_left: ['left by choice ({tookMs} ms to open)', '主动离开（打开用了 {tookMs} 毫秒）'],
  step_broke: ['broke: {why}', '断开：{why}'],
  step_failed: ['failed after {tookMs} ms: {why}', '{tookMs} 毫秒后失败：{why}'],
  step_missing: ['{why}', '{why}'],
};

export const { t, fill } = speaks(TEXTS);
