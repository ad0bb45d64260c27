//! Arithmetic expressions in a claim's file: `1000 * short_poll_quantile(0.5, interval_s, 0)`.

use std::{iter::Peekable, str::Chars};

use super::{figure, named};

/// An expression.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Expression {
    Number(f64),
    /// A figure, or a value of the claim's file.
    Name(String),
    /// A function and its arguments.
    Call(String, Vec<Argument>),
    Negative(Box<Self>),
    /// Two expressions with one of `+ - * /` between them.
    Two(Box<Self>, char, Box<Self>),
}

/// An argument of a function.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Argument {
    /// A text in quotes.
    Text(String),
    /// An expression.
    Of(Expression),
}

/// The reasons why a text is no expression, or cannot be evaluated.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExpressionError {
    /// A wrong letter, or the end, stands where something else is expected.
    #[error("{expected} is missing before {found}")]
    Syntax {
        /// The element that is expected.
        expected: &'static str,
        /// The text that was found instead.
        found: String,
    },
    /// A name that has no meaning in this place.
    #[error("there is no figure {:?} here{}", .0, figure::advice(.0))]
    Name(String),
    /// A name that no figure of a run has.
    #[error("no figure of a run is called {:?}{}", .0, named::advice(.0, named::names()))]
    Figure(String),
    /// A function that does not exist, or takes other arguments.
    #[error("there is no function {0} that takes these arguments")]
    Function(String),
}

/// The meaning of names and functions.
pub(super) trait Scope {
    /// Returns the value of a name; `None` if it was not measured.
    ///
    /// # Errors
    /// Fails if there is no such name.
    fn name(&self, name: &str) -> Result<Option<f64>, ExpressionError>;

    /// Returns the value of a function.
    ///
    /// # Errors
    /// Fails if there is no such function, or an argument cannot be evaluated.
    fn call(&self, name: &str, arguments: &[Argument]) -> Result<Option<f64>, ExpressionError>;
}

impl Expression {
    /// Reads an expression.
    pub(super) fn parse(text: &str) -> Result<Self, ExpressionError> {
        let mut reader = Reader {
            letters: text.chars().peekable(),
        };
        let expression = reader.sum()?;
        match reader.next_letter() {
            None => Ok(expression),
            Some(_) => Err(reader.error("an operator")),
        }
    }

    /// Evaluates the expression; returns `None` if something that it needs was not measured.
    pub(super) fn value(&self, scope: &dyn Scope) -> Result<Option<f64>, ExpressionError> {
        Ok(match self {
            Self::Number(number) => Some(*number),
            Self::Name(name) => scope.name(name)?,
            Self::Call(name, arguments) => scope.call(name, arguments)?,
            Self::Negative(one) => one.value(scope)?.map(|value| -value),
            Self::Two(one, operator, other) => {
                // Both sides are evaluated, so that a mistake in either is found.
                let (one, other) = (one.value(scope)?, other.value(scope)?);
                one.zip(other).map(|(one, other)| match operator {
                    '+' => one + other,
                    '-' => one - other,
                    '*' => one * other,
                    _ => one / other,
                })
            }
        })
    }
}

struct Reader<'a> {
    letters: Peekable<Chars<'a>>,
}

impl Reader<'_> {
    /// Returns the next letter that is no blank, without consuming it.
    fn next_letter(&mut self) -> Option<char> {
        while self
            .letters
            .next_if(|letter| letter.is_whitespace())
            .is_some()
        {}
        self.letters.peek().copied()
    }

    fn take(&mut self, wanted: char) -> bool {
        let found = self.next_letter() == Some(wanted);
        if found {
            self.letters.next();
        }
        found
    }

    fn word(&mut self, fits: impl Fn(char) -> bool) -> String {
        let mut word = String::new();
        while let Some(letter) = self.letters.next_if(|letter| fits(*letter)) {
            word.push(letter);
        }
        word
    }

    fn error(&mut self, expected: &'static str) -> ExpressionError {
        let rest: String = self.letters.clone().collect();
        let found = if rest.is_empty() {
            "the end".to_owned()
        } else {
            format!("{rest:?}")
        };
        ExpressionError::Syntax { expected, found }
    }

    fn sum(&mut self) -> Result<Expression, ExpressionError> {
        let mut one = self.product()?;
        while let Some(operator @ ('+' | '-')) = self.next_letter() {
            self.letters.next();
            one = Expression::Two(Box::new(one), operator, Box::new(self.product()?));
        }
        Ok(one)
    }

    fn product(&mut self) -> Result<Expression, ExpressionError> {
        let mut one = self.factor()?;
        while let Some(operator @ ('*' | '/')) = self.next_letter() {
            self.letters.next();
            one = Expression::Two(Box::new(one), operator, Box::new(self.factor()?));
        }
        Ok(one)
    }

    fn factor(&mut self) -> Result<Expression, ExpressionError> {
        match self.next_letter() {
            Some('-') => {
                self.letters.next();
                Ok(Expression::Negative(Box::new(self.factor()?)))
            }
            Some('(') => {
                self.letters.next();
                let inner = self.sum()?;
                if self.take(')') {
                    Ok(inner)
                } else {
                    Err(self.error("a closing bracket"))
                }
            }
            Some(letter) if letter.is_ascii_digit() => {
                let word = self.word(|letter| letter.is_ascii_digit() || letter == '.');
                let number = word.parse().map_err(|_| self.error("a number"))?;
                Ok(Expression::Number(number))
            }
            Some(letter) if letter.is_ascii_lowercase() => {
                let name = self.word(|letter| {
                    letter == '_' || letter.is_ascii_lowercase() || letter.is_ascii_digit()
                });
                if self.take('(') {
                    Ok(Expression::Call(name, self.arguments()?))
                } else {
                    Ok(Expression::Name(name))
                }
            }
            _ => Err(self.error("a number or a name")),
        }
    }

    fn arguments(&mut self) -> Result<Vec<Argument>, ExpressionError> {
        let mut arguments = Vec::new();
        if self.take(')') {
            return Ok(arguments);
        }
        loop {
            arguments.push(if self.take('"') {
                let text = self.word(|letter| letter != '"');
                if self.letters.next().is_none() {
                    return Err(self.error("a closing quotation mark"));
                }
                Argument::Text(text)
            } else {
                Argument::Of(self.sum()?)
            });
            if self.take(')') {
                return Ok(arguments);
            }
            if !self.take(',') {
                return Err(self.error("a comma"));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Some3;

    impl Scope for Some3 {
        fn name(&self, name: &str) -> Result<Option<f64>, ExpressionError> {
            match name {
                "three" => Ok(Some(3.0)),
                "unmeasured" => Ok(None),
                _ => Err(ExpressionError::Name(name.to_owned())),
            }
        }

        fn call(&self, name: &str, arguments: &[Argument]) -> Result<Option<f64>, ExpressionError> {
            match (name, arguments) {
                ("twice", [Argument::Of(one)]) => Ok(one.value(self)?.map(|one| one * 2.0)),
                ("length", [Argument::Text(text)]) => Ok(Some(text.len() as f64)),
                _ => Err(ExpressionError::Function(name.to_owned())),
            }
        }
    }

    fn value(text: &str) -> Result<Option<f64>, ExpressionError> {
        Expression::parse(text)?.value(&Some3)
    }

    #[test]
    fn arithmetic_is_as_in_school() {
        for (text, expected) in [
            ("1 + 2 * three", 7.0),
            ("(1+2)*three", 9.0),
            ("8 / 2 / 2", 2.0),
            ("5 - 2 - 1", 2.0),
            ("-three * 2", -6.0),
            ("twice(three + 0.5) + length(\"a (b\")", 11.0),
            ("2 - -1", 3.0),
        ] {
            assert_eq!(value(text), Ok(Some(expected)), "{text}");
        }
        assert_eq!(value("1 + unmeasured"), Ok(None));
    }

    #[test]
    fn mistakes_are_told_where_they_are() {
        for (text, told) in [
            ("1 +", "a number or a name is missing before the end"),
            ("(1", "a closing bracket is missing before the end"),
            ("1 2", "an operator is missing before \"2\""),
            ("twice(1", "a comma is missing before the end"),
            (
                "length(\"a",
                "a closing quotation mark is missing before the end",
            ),
            ("four", "there is no figure \"four\" here"),
            ("unmeasured + four", "there is no figure \"four\" here"),
            (
                "thrice(1)",
                "there is no function thrice that takes these arguments",
            ),
            (
                "twice(1, 2)",
                "there is no function twice that takes these arguments",
            ),
            ("1.2.3", "a number is missing before the end"),
            ("$", "a number or a name is missing before \"$\""),
        ] {
            let said = value(text).expect_err(text).to_string();
            assert_eq!(said, told, "{text}");
        }
    }
}
