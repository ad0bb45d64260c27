//! A few questions on a terminal, for somebody who gave no numbers.

use std::io::{BufRead, Write};

use anyhow::bail;

use crate::args::WorkloadInputs;

/// A question, what stands for no answer, and where the answer goes.
struct Question {
    text: &'static str,
    usual: Option<&'static str>,
    put: fn(&mut WorkloadInputs, &str) -> Result<(), &'static str>,
}

const NO_NUMBER: &str = "that is no number";

fn number(text: &str) -> Result<Option<f64>, &'static str> {
    text.parse().map(Some).map_err(|_| NO_NUMBER)
}

/// Wraps a word for a field of [`WorkloadInputs`].
#[expect(clippy::unnecessary_wraps, reason = "the signature of `number`")]
fn word(text: &str) -> Result<Option<String>, &'static str> {
    Ok(Some(text.to_owned()))
}

const QUESTIONS: [Question; 12] = [
    Question {
        text: "How many people read at the same time?",
        usual: None,
        put: |inputs, text| number(text).map(|value| inputs.readers = value),
    },
    Question {
        text: "Over how many rooms (channels, documents, games) are they spread?",
        usual: Some("1"),
        put: |inputs, text| number(text).map(|value| inputs.rooms = value),
    },
    Question {
        text: "How many messages a second does each of them say?",
        usual: Some("0.1"),
        put: |inputs, text| number(text).map(|value| inputs.messages_per_reader = value),
    },
    Question {
        text: "How many bytes of text has a message?",
        usual: Some("100"),
        put: |inputs, text| number(text).map(|value| inputs.payload = value),
    },
    Question {
        text: "How many milliseconds does a round trip take?",
        usual: Some("50"),
        put: |inputs, text| number(text).map(|value| inputs.round_trip_ms = value),
    },
    Question {
        text: "How many bytes of header lines does each request carry, cookies aside?",
        usual: Some("0"),
        put: |inputs, text| number(text).map(|value| inputs.header_bytes = value),
    },
    Question {
        text: "How many bytes of cookie does each request carry?",
        usual: Some("0"),
        put: |inputs, text| number(text).map(|value| inputs.cookie_bytes = value),
    },
    Question {
        text: "Which version of TLS (off, 1.2, 1.3)?",
        usual: Some("off"),
        put: |inputs, text| word(text).map(|value| inputs.tls = value),
    },
    Question {
        text: "Which version of HTTP (1.1, 2)?",
        usual: Some("1.1"),
        put: |inputs, text| word(text).map(|value| inputs.http = value),
    },
    Question {
        text: "Which proxy stands before the server (none, nginx, haproxy, caddy, varnish, hitch)?",
        usual: Some("none"),
        put: |inputs, text| word(text).map(|value| inputs.proxy = value),
    },
    Question {
        text: "How many times a day does a reader connect anew?",
        usual: Some("10"),
        put: |inputs, text| number(text).map(|value| inputs.reconnects_a_day = value),
    },
    Question {
        text: "Which share of the readers has the tab in the background (0 to 1)?",
        usual: Some("0"),
        put: |inputs, text| number(text).map(|value| inputs.background_tabs = value),
    },
];

/// Asks for the numbers of an application. What is not understood is asked again.
pub(super) fn ask(
    input: &mut impl BufRead,
    output: &mut impl Write,
) -> anyhow::Result<WorkloadInputs> {
    let mut inputs = WorkloadInputs::default();
    for question in &QUESTIONS {
        loop {
            let usual = question.usual.map(|usual| format!(" [{usual}]"));
            write!(output, "{}{} ", question.text, usual.unwrap_or_default())?;
            output.flush()?;
            let mut line = String::new();
            if input.read_line(&mut line)? == 0 {
                bail!("no more answers came; give the numbers as flags, see --help");
            }
            let answer = match (line.trim(), question.usual) {
                ("", Some(usual)) => usual,
                (answer, _) => answer,
            };
            match (question.put)(&mut inputs, answer) {
                Ok(()) => break,
                Err(why) => writeln!(output, "{why}")?,
            }
        }
    }
    Ok(inputs)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::advise::workload::Workload;

    fn asked(answers: &str) -> (anyhow::Result<WorkloadInputs>, String) {
        let mut output = Vec::new();
        let inputs = ask(&mut answers.as_bytes(), &mut output);
        (inputs, String::from_utf8(output).expect("text"))
    }

    #[test]
    fn an_empty_answer_is_the_usual_one_and_a_wrong_one_is_asked_again() {
        let (inputs, said) = asked("\nmany\n5000\n100\n\n\n80\n300\n\n1.3\n\n\n\n0.5\n");
        let inputs = inputs.expect("inputs");
        assert_eq!(said.matches("How many people read").count(), 3);
        assert_eq!(said.matches(NO_NUMBER).count(), 2);
        assert_eq!((inputs.readers, inputs.rooms), (Some(5_000.0), Some(100.0)));
        assert_eq!(
            (inputs.payload, inputs.round_trip_ms),
            (Some(100.0), Some(80.0))
        );
        assert_eq!(
            (inputs.header_bytes, inputs.cookie_bytes),
            (Some(300.0), Some(0.0))
        );
        assert_eq!(inputs.tls.as_deref(), Some("1.3"));
        assert_eq!(inputs.proxy.as_deref(), Some("none"));
        assert_eq!(
            (inputs.reconnects_a_day, inputs.background_tabs),
            (Some(10.0), Some(0.5))
        );
        assert!(Workload::of(&inputs).is_ok());
    }

    #[test]
    fn answers_that_end_are_no_wishes() {
        assert!(asked("5000\n").0.is_err());
    }
}
