//! The question to a Redis about what it has taken so far, on a connection of its own.

use std::{
    fmt,
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

use super::usage::Sample;

/// The time that an answer may take.
const ANSWER: Duration = Duration::from_secs(2);
/// The bytes of the longest answer that is read: what a Redis says of itself has some thousands.
const LONGEST: u64 = 1 << 20;
/// The sections of what Redis says of itself that are asked for.
const QUESTION: &[u8] = b"INFO cpu memory stats server\r\n";

/// A Redis that can be asked. The bytes of a question and its answer are known exactly, because
/// Redis counts them as it counts what servers send.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Asking {
    address: SocketAddr,
    /// All that is sent.
    question: Vec<u8>,
    /// True if an answer to a password comes before the other.
    says_password: bool,
}

impl Asking {
    /// Asks a Redis that wants no password.
    pub(super) fn at(address: SocketAddr) -> Self {
        Self {
            address,
            question: QUESTION.to_vec(),
            says_password: false,
        }
    }

    /// Says this password, and the name of the user if there is one, before the question.
    pub(super) fn with_password(self, user: Option<&str>, password: &str) -> Self {
        let words: Vec<&str> = ["AUTH"].into_iter().chain(user).chain([password]).collect();
        let mut question = format!("*{}\r\n", words.len()).into_bytes();
        for word in words {
            question.extend(format!("${}\r\n{word}\r\n", word.len()).into_bytes());
        }
        question.extend(QUESTION);
        Self {
            question,
            says_password: true,
            ..self
        }
    }

    /// Asks for its processor time, memory and traffic so far; `None` if it does not answer.
    pub(super) fn sample(&self) -> Option<Sample> {
        let mut stream = TcpStream::connect_timeout(&self.address, ANSWER).ok()?;
        stream.set_read_timeout(Some(ANSWER)).ok()?;
        stream.set_write_timeout(Some(ANSWER)).ok()?;
        stream.write_all(&self.question).ok()?;
        // The limit keeps the answer from filling the memory, whoever it is that answers.
        let mut stream = BufReader::new(stream).take(LONGEST);
        let mut line = || {
            let mut line = String::new();
            stream.read_line(&mut line).ok()?;
            Some(line)
        };
        let greeting = if self.says_password {
            line().filter(|line| line.starts_with('+'))?
        } else {
            String::new()
        };
        let head = line()?;
        let length: u64 = head.strip_prefix('$')?.trim().parse().ok()?;
        let length = length.checked_add(2)?;
        let mut about = String::new();
        stream.take(length).read_to_string(&mut about).ok()?;
        if about.len() as u64 != length {
            return None;
        }
        let answer = greeting.len() + head.len() + about.len();
        Sample::read(&about, answer, self.question.len())
    }
}

/// Shows no password.
impl fmt::Debug for Asking {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Asking")
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_that_says_that_it_is_huge_is_none() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let asking = Asking::at(listener.local_addr().unwrap());
        let huge = std::thread::spawn(move || {
            for length in ["9999999999999", "18446744073709551615", "-1"] {
                let (mut stream, _) = listener.accept().unwrap();
                let mut question = String::new();
                BufReader::new(&stream).read_line(&mut question).unwrap();
                let _ = stream.write_all(format!("${length}\r\nused_cpu").as_bytes());
            }
        });
        for _ in 0..3 {
            assert_eq!(asking.sample(), None);
        }
        huge.join().unwrap();
    }

    #[test]
    fn a_password_is_said_first_and_shown_nowhere() {
        let at = Asking::at(SocketAddr::from(([127, 0, 0, 1], 1)));
        let asking = at.clone().with_password(Some("ann"), "sec ret");
        let expected = b"*3\r\n$4\r\nAUTH\r\n$3\r\nann\r\n$7\r\nsec ret\r\n";
        assert_eq!(asking.question, [&expected[..], QUESTION].concat());
        assert!(!format!("{asking:?}").contains("sec ret"));
        let alone = at.with_password(None, "x");
        assert!(
            alone
                .question
                .starts_with(b"*2\r\n$4\r\nAUTH\r\n$1\r\nx\r\n")
        );
    }
}
