/**
 * Why something went wrong, in the language of the page.
 *
 * What the server refused is known by its code, and what the client library
 * says by its words, which in English speak for themselves.
 */

import { lang, speaks } from './words.js';

/** By code; the limit is the server's. What is not here, people in a chat do not meet. */
const { t: refused } = speaks({
  too_fast: [
    'that was a little fast: please wait a moment, {limit} messages a second is the limit',
    '说得有点快：请稍等，每秒最多 {limit} 条消息',
  ],
  too_long: ['the message is too long: {limit} bytes is the limit', '消息太长，最多 {limit} 字节'],
  much_too_long: ['the message is much too long', '消息实在太长了'],
  no_text: ['the message is empty', '消息是空的'],
  name: ['a name has 1 to 64 characters', '名字须有 1 到 64 个字符'],
  room_full: [
    'the room is full: {limit} people are in it; you come in as soon as one has left',
    '房间已满：最多 {limit} 人；有人离开后会自动进入',
  ],
  not_stored: ['the message could not be stored for now; please try again in a moment', '暂时无法保存消息，请稍后再试'],
  no_log: ['the room cannot be reached for now; please try again in a moment', '暂时无法进入房间，请稍后再试'],
  rooms_full: ['there are {limit} rooms, and no more may be opened', '房间数已达上限 {limit} 个，不能再开'],
  crowded: [
    '{limit} people have come from your network, and no more may; you come in as soon as one has left',
    '你所在的网络已有 {limit} 人进入，已达上限；有人离开后会自动进入',
  ],
  many_rooms: ['{limit} rooms were opened from your network, and no more may be', '你所在的网络已开 {limit} 个房间，不能再开'],
  room_not_named: ['the teacher has not opened this room', '教师没有开放这个房间'],
  banned: ['the teacher has sent you out', '教师已请你离开'],
  muted: ['the teacher has muted you; you may read on', '教师已将你禁言；你仍可阅读'],
  pressed: ['the others cannot follow so fast; try again in a moment', '其他人跟不上；请稍后再试'],
  connections_full: ['the server has as many connections as it may', '服务器的连接数已达上限'],
  many_connections: ['your network has as many connections as it may', '你所在网络的连接数已达上限'],
  no_such_path: ['there is no such room', '没有这样的房间'],
  origin: ['the server lets in no pages from this site', '服务器不接受来自此网站的页面'],
});

const WORDS = [
  [/^not in this browser$/, '此浏览器不支持'],
  [/^did not open within (\d+) s$/, '$1 秒内未能打开'],
  [/^nothing came for (\d+) s$/, '$1 秒没有任何数据'],
  [/^the server ended the answer$/, '服务器结束了响应'],
  [/^the event stream broke$/, '事件流断开'],
  [/^the server said goodbye$/, '服务器道别'],
  [/^the socket broke without a goodbye$/, '套接字未道别就断开'],
  [/^the server closed the socket without a code$/, '服务器关闭了套接字，没有给出代码'],
  [/^the server closed the socket: .*\((\d+)\)$/, '服务器关闭了套接字（$1）'],
  [/^the server answered (\d+)$/, '服务器返回 $1'],
  [/^(?:you are )?not connected$/, '你没有连接'],
  [/^disconnected$/, '已断开'],
  [/^the connection broke before the server answered$/, '服务器响应之前连接断了'],
  [/^Failed to fetch$/, '无法到达'],
];

/** Why, as part of a sentence. @param {Error & {code?: string, limit?: number}} [why] */
export function reason(why) {
  if (!why) return '';
  const { message, code, limit } = why;
  if (code) {
    const words = refused(code, { limit });
    return words === code ? message : words;
  }
  const known = lang() === 'zh' && WORDS.find(([words]) => words.test(message));
  return known ? message.replace(...known) : message;
}

/** Why, as a sentence by itself. */
export function sentence(why) {
  const words = reason(why);
  return words.charAt(0).toUpperCase() + words.slice(1) + (lang() === 'zh' ? '。' : '.');
}
