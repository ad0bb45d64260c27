//! The bytes of the sockets of a run's own servers over the window, as the servers count them. With
//! a proxy before them, the people's sockets carry others.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

use results::RunRow;
use scenario::{Cell, Http, Io, Tls};

use crate::nodes::Nodes;

/// The time that each step of an answer may take: at the end of the window the load generator keeps
/// connections open for two seconds at most.
const ANSWER: Duration = Duration::from_millis(500);
/// The bytes of the longest answer that is read: the metrics of a server have some thousands.
const LONGEST: u64 = 1 << 20;

/// The bytes that went from clients to servers, and back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Carried {
    up: u64,
    down: u64,
}

impl Carried {
    /// Returns the sums of both.
    const fn and(self, other: Self) -> Self {
        Self {
            up: self.up + other.up,
            down: self.down + other.down,
        }
    }
}

/// The counts of servers at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Sample {
    /// The bytes of their sockets since they began. The question for them is among these; the answer
    /// is not.
    carried: Carried,
    /// The question and the answer, which are no part of the traffic of people.
    asking: Carried,
}

impl Sample {
    /// Samples all servers of a run now; `None` if one of them does not answer.
    fn of(nodes: &Nodes) -> Option<Self> {
        let first = nodes.first.as_ref()?;
        let all = [first].into_iter().chain(&nodes.others);
        let samples = all.map(|server| Self::ask(server.address));
        samples.reduce(|one, other| Some(one?.and(other?)))?
    }

    /// Asks one server, on a connection of its own.
    fn ask(address: SocketAddr) -> Option<Self> {
        let question =
            format!("GET /metrics HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
        let mut stream = TcpStream::connect_timeout(&address, ANSWER).ok()?;
        stream.set_read_timeout(Some(ANSWER)).ok()?;
        stream.set_write_timeout(Some(ANSWER)).ok()?;
        stream.write_all(question.as_bytes()).ok()?;
        let mut answer = String::new();
        stream.take(LONGEST).read_to_string(&mut answer).ok()?;
        Self::read(&answer, question.len())
    }

    /// Reads an answer to a question of so many bytes; `None` if it is not whole.
    fn read(answer: &str, question: usize) -> Option<Self> {
        let is_whole = answer.starts_with("HTTP/1.1 200 ") && answer.ends_with("\n# EOF\n");
        let count = |direction: &str| -> Option<u64> {
            let name = format!("wirebench_socket_bytes_total{{direction=\"{direction}\"}} ");
            let mut lines = answer.lines();
            let value = lines.find_map(|line| line.strip_prefix(name.as_str()))?;
            value.parse().ok()
        };
        if !is_whole {
            return None;
        }
        Some(Self {
            carried: Carried {
                up: count("up")?,
                down: count("down")?,
            },
            asking: Carried {
                up: question as u64,
                down: answer.len() as u64,
            },
        })
    }

    /// Returns the sums of two servers.
    const fn and(self, other: Self) -> Self {
        Self {
            carried: self.carried.and(other.carried),
            asking: self.asking.and(other.asking),
        }
    }
}

/// The samples at the beginning of *measure* and at the end of the window.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ServerBytes {
    is_counted: bool,
    measure: Option<Sample>,
    end: Option<Sample>,
}

impl ServerBytes {
    /// Makes what is to be filled in a run of `cell`.
    pub(crate) fn of(cell: &Cell) -> Self {
        Self {
            is_counted: is_counted(cell),
            measure: None,
            end: None,
        }
    }

    /// Returns whether the servers are to count.
    pub(crate) const fn is_counted(&self) -> bool {
        self.is_counted
    }

    /// Takes the sample at the beginning of *measure*.
    pub(crate) fn measure(&mut self, nodes: &Nodes) {
        if self.is_counted {
            self.measure = Sample::of(nodes);
        }
    }

    /// Takes the sample at the end of the window, of the same servers.
    pub(crate) fn end(&mut self, nodes: &Nodes) {
        if self.is_counted {
            self.end = Sample::of(nodes);
        }
    }

    /// Returns `row` with the columns of what the servers counted.
    pub(crate) fn fill(self, row: RunRow) -> RunRow {
        let Some((measure, end)) = self.measure.zip(self.end) else {
            return row;
        };
        // Of both samples only the first one's answers and the second one's questions lie between
        // the two counts.
        let up = measure.carried.up + end.asking.up;
        let down = measure.carried.down + measure.asking.down;
        RunRow {
            server_bytes_up: Some(end.carried.up.saturating_sub(up)),
            server_bytes_down: Some(end.carried.down.saturating_sub(down)),
            ..row
        }
    }
}

/// Returns whether the servers of a cell count: if it has a proxy, or is compared with cells that
/// have one. It does not count where that would change the run: a server that counts speaks no
/// HTTP/2 and submits nothing to `io_uring`, and whoever asks for the count is one of the
/// connections that `server.connections` limits. Under TLS it could not be asked in the clear.
fn is_counted(cell: &Cell) -> bool {
    let Some(proxy) = &cell.scenario.proxy else {
        return false;
    };
    let is_swept = cell.swept.iter().any(|(key, _)| key == "proxy.settings");
    let server = &cell.scenario.server;
    (proxy.is_there() || is_swept)
        && server.tls == Tls::Off
        && server.http == Http::V1_1
        && server.io == Io::Epoll
        && server.connections.is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANSWERED: &str = "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n\
         # TYPE wirebench_socket_bytes counter\n\
         wirebench_socket_bytes_total{direction=\"up\"} 100\n\
         wirebench_socket_bytes_total{direction=\"down\"} 2000\n# EOF\n";

    #[test]
    fn the_questions_are_no_part_of_the_traffic() {
        let measure = Sample::read(ANSWERED, 10).expect("a sample");
        assert_eq!(
            measure.carried,
            Carried {
                up: 100,
                down: 2000
            }
        );
        let asked = ANSWERED.len() as u64;
        let end = Sample {
            carried: Carried {
                up: 100 + 10 + 40,
                down: 2000 + asked + 90,
            },
            ..measure
        };
        let bytes = |end| ServerBytes {
            is_counted: true,
            measure: Some(measure),
            end,
        };
        let columns = |row: RunRow| (row.server_bytes_up, row.server_bytes_down);
        let row = bytes(Some(end)).fill(RunRow::default());
        assert_eq!(columns(row), (Some(40), Some(90)));
        // Of two servers, everything counts twice.
        let both = ServerBytes {
            measure: Some(measure.and(measure)),
            ..bytes(Some(end.and(end)))
        };
        assert_eq!(columns(both.fill(RunRow::default())), (Some(80), Some(180)));
        // A server that did not answer at the end has no figure.
        let row = bytes(None).fill(RunRow::default());
        assert_eq!(columns(row), (None, None));
    }

    #[test]
    fn an_answer_that_is_none_or_cut_short_is_no_count() {
        for spoiled in [
            ANSWERED.replace("200 OK", "404 Not Found"),
            ANSWERED.replace("# EOF\n", ""),
            ANSWERED.replace("\"down\"", "\"other\""),
            ANSWERED.replace(" 2000\n", " many\n"),
        ] {
            assert_eq!(Sample::read(&spoiled, 10), None, "{spoiled}");
        }
    }

    #[test]
    fn servers_count_where_a_proxy_is_or_is_compared_with_none() {
        let counted = |name: &str, sets: &[&str]| -> Vec<bool> {
            let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../scenarios/");
            let sets: Vec<String> = sets.iter().map(|set| (*set).to_owned()).collect();
            let file = format!("{folder}{name}.toml");
            let study = scenario::Study::load(file.as_ref(), &sets).expect("a scenario");
            study.cells.iter().map(is_counted).collect()
        };
        assert_eq!(counted("quick", &[]), [false]);
        assert_eq!(counted("quick", &["proxy.kind=nginx"]), [true]);
        // None, default and right.
        assert_eq!(counted("proxies", &[]), [true; 3]);
        assert_eq!(counted("proxies", &["proxy.settings=none"]), [false]);
        assert_eq!(counted("proxies", &["server.io=auto"]), [false; 3]);
        assert_eq!(counted("proxies", &["server.connections=500"]), [false; 3]);
    }
}
