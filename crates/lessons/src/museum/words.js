/** Every word of the page that is not in its HTML, in both languages. */

const FIELDS_EN = {
  '': ['The first line of the request: method, resource, version.', 'The first line of the answer: version, status, reason. 101 means that what follows is no HTTP any more.'],
  Host: 'The name and port for which the client asks; the answer repeats it in the location.',
  Connection: 'This request is about the connection itself, not about a page.',
  Upgrade: 'The protocol that is spoken from now on.',
  Origin: 'The page that opens the WebSocket. The server may turn it away.',
  'Sec-WebSocket-Origin': 'The origin that the server lets in. The client compares it with its page.',
  'Sec-WebSocket-Location': 'The address that the server thinks it was asked for. The client compares it.',
  'Sec-WebSocket-Version': 'The version of the protocol: 13 is RFC 6455.',
  'Sec-WebSocket-Key1': 'The first of two numbers, hidden among spaces and other characters.',
  'Sec-WebSocket-Key2': 'The second of two numbers, hidden among spaces and other characters.',
  'Sec-WebSocket-Key': 'Sixteen random bytes in base64.',
  'Sec-WebSocket-Accept': 'The proof that the server has read the key.',
  '\r\n': 'An empty line: the head is over.',
};

const FIELDS_ZH = {
  '': ['请求的第一行：方法、资源、版本。', '响应的第一行：版本、状态码、说明。101 表示后面不再是 HTTP。'],
  Host: '客户端要找的名字和端口；响应会在地址里重复它。',
  Connection: '这个请求说的是连接本身，不是某个页面。',
  Upgrade: '从现在起要说的协议。',
  Origin: '打开 WebSocket 的页面的来源，服务器可以拒绝它。',
  'Sec-WebSocket-Origin': '服务器允许的来源，客户端会和自己的页面比较。',
  'Sec-WebSocket-Location': '服务器认为客户端要找的地址，客户端会比较。',
  'Sec-WebSocket-Version': '协议的版本：13 就是 RFC 6455。',
  'Sec-WebSocket-Key1': '两个数里的第一个，藏在空格和其他字符之间。',
  'Sec-WebSocket-Key2': '两个数里的第二个，藏在空格和其他字符之间。',
  'Sec-WebSocket-Key': '十六个随机字节，用 base64 写出。',
  'Sec-WebSocket-Accept': '服务器读过密钥的证明。',
  '\r\n': '一个空行：头部到此结束。',
};

const EN = {
  fields: FIELDS_EN,
  request: 'The client sends', response: 'The server answers', bytes: (count) => `${count} bytes`,
  refused: 'The server refuses: 400, and the connection is closed.',
  byte: 'byte', decimal: 'decimal', binary: 'bits', character: 'character', none: 'none',
  draft1: 'The draft’s first example', draft2: 'The draft’s second example', rfc: 'The RFC’s example', fresh: 'New keys', freshOne: 'A new key',
  key1: 'Key 1', key2: 'Key 2', key3: 'The eight bytes, in hexadecimal', nonce: 'The sixteen bytes, in hexadecimal',
  roles: {
    end: 'A line ends with carriage return and line feed.',
    name: 'The name of the field, a colon and a space.',
    value: 'The value of the field.',
    'key-digit': ({ nth, of }) => `Digit ${nth} of ${of}. The digits of a key, one behind the other, are a number.`,
    'key-space': ({ nth, of }) => `Space ${nth} of ${of}. The number of spaces divides the number. A script that fills in headers could not send them by accident.`,
    'key-other': () => 'Neither a digit nor a space: put in at random, and passed over.',
    key3: ({ nth, of }) => `Byte ${nth} of ${of} after the head. No header announces them, so whoever reads HTTP takes them for the next request: no proxy can pass this handshake on by accident.`,
    answer: ({ nth, of }) => `Byte ${nth} of ${of} of the MD5 hash. The client computes the same hash and compares.`,
    base64: ({ nth, of, digit, sextet, from }) => digit === '='
      ? `Character ${nth} of ${of}: padding, up to a multiple of four characters.`
      : `Character ${nth} of ${of}: ${digit} is number ${ALPHABET.indexOf(digit)} of the alphabet, the bits ${sextet}: bits ${from} to ${from + 5}.`,
  },
  steps: {
    number: 'its digits', spaces: 'its spaces', quotient: 'number ÷ spaces', four: 'as four bytes',
    first: 'key 1, four bytes', second: 'key 2, four bytes', third: 'the eight bytes', joined: 'all sixteen', md5: 'MD5 of them', text: 'as characters',
    nonce: 'sixteen bytes', base64: 'in base64: the key', guid: 'key and GUID, joined', sha1: 'SHA-1 of that', accept: 'in base64: the answer',
  },
  faults: {
    noDigits: 'This key has no digits.', noSpaces: 'This key has no spaces.',
    tooLarge: 'The number of this key has more than 32 bits.', notDivisible: 'The spaces of this key do not divide its number.',
    latin: 'A key has printable characters of ASCII only, and no space at either end.', hex: (count) => `Write ${count} bytes as ${count * 2} hexadecimal digits.`,
  },
};

const ZH = {
  fields: FIELDS_ZH,
  request: '客户端发送', response: '服务器回答', bytes: (count) => `${count} 字节`,
  refused: '服务器拒绝：400，并关闭连接。',
  byte: '字节', decimal: '十进制', binary: '比特', character: '字符', none: '无',
  draft1: '草案的第一个例子', draft2: '草案的第二个例子', rfc: 'RFC 的例子', fresh: '换新密钥', freshOne: '换一个新密钥',
  key1: '密钥 1', key2: '密钥 2', key3: '八个字节（十六进制）', nonce: '十六个字节（十六进制）',
  roles: {
    end: '一行以回车和换行结束。',
    name: '字段名、冒号和一个空格。',
    value: '字段的值。',
    'key-digit': ({ nth, of }) => `第 ${nth} 个数字，共 ${of} 个。把密钥里的数字依次连起来，就是一个数。`,
    'key-space': ({ nth, of }) => `第 ${nth} 个空格，共 ${of} 个。用空格的个数去除那个数。填写头部的脚本不会碰巧发出这样的空格。`,
    'key-other': () => '既不是数字也不是空格：随机插入，读的时候跳过。',
    key3: ({ nth, of }) => `头部之后的第 ${nth} 个字节，共 ${of} 个。没有头部字段提到它们，只懂 HTTP 的一方会把它们当成下一个请求：代理不会碰巧放行这个握手。`,
    answer: ({ nth, of }) => `MD5 哈希的第 ${nth} 个字节，共 ${of} 个。客户端算出同样的哈希，然后比较。`,
    base64: ({ nth, of, digit, sextet, from }) => digit === '='
      ? `第 ${nth} 个字符，共 ${of} 个：填充，补足四个字符的倍数。`
      : `第 ${nth} 个字符，共 ${of} 个：${digit} 是字母表的第 ${ALPHABET.indexOf(digit)} 号，比特 ${sextet}，即第 ${from} 到 ${from + 5} 位。`,
  },
  steps: {
    number: '其中的数字', spaces: '其中的空格', quotient: '数 ÷ 空格数', four: '写成四个字节',
    first: '密钥 1 的四个字节', second: '密钥 2 的四个字节', third: '八个字节', joined: '合起来十六个', md5: '它们的 MD5', text: '写成字符',
    nonce: '十六个字节', base64: '写成 base64：密钥', guid: '密钥接上 GUID', sha1: '它的 SHA-1', accept: '写成 base64：回答',
  },
  faults: {
    noDigits: '这个密钥里没有数字。', noSpaces: '这个密钥里没有空格。',
    tooLarge: '这个密钥的数超过 32 位。', notDivisible: '空格的个数不能整除这个密钥的数。',
    latin: '密钥只能有可打印的 ASCII 字符，两端不能是空格。', hex: (count) => `请把 ${count} 个字节写成 ${count * 2} 个十六进制数字。`,
  },
};

const WORDS = document.documentElement.lang.startsWith('zh') ? ZH : EN;
