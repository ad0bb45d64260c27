//! The texts of a check: the words of a row and the values of expressions in their brackets.

use std::collections::BTreeMap;

use super::{
    Check, CheckError, Over, Where, Word,
    facts::{Facts, plain},
};
use crate::words;

impl Check {
    /// Returns the check with the values of a row filled in its texts.
    pub(super) fn filled(&self, row: &BTreeMap<String, Word>) -> Self {
        self.with(&|text| {
            let mut text = text.to_owned();
            for (name, word) in row {
                let word = match word {
                    Word::Number(number) => number.to_string(),
                    Word::Text(word) => word.clone(),
                };
                text = text.replace(&format!("{{{name}}}"), &word);
            }
            Ok(text)
        })
        .unwrap_or_else(|_: std::convert::Infallible| self.clone())
    }

    /// Returns the check with the values of the expressions in brackets filled in its texts.
    pub(super) fn told(&self, facts: &Facts<'_>) -> Result<Self, CheckError> {
        self.with(&|text| {
            let mut told = String::new();
            let mut rest = text;
            while let Some((before, (inner, after))) = rest
                .split_once('{')
                .and_then(|(before, rest)| Some((before, rest.split_once('}')?)))
            {
                let value = self.median(inner, self.of.as_ref(), facts)?;
                told += before;
                told += &value.map_or_else(|| words::NOTHING.to_owned(), plain);
                rest = after;
            }
            Ok(told + rest)
        })
    }

    /// Returns the check with each of its texts changed.
    fn with<E>(&self, change: &dyn Fn(&str) -> Result<String, E>) -> Result<Self, E> {
        let some = |text: &Option<String>| text.as_deref().map(change).transpose();
        let place = |of: &Where| {
            Ok(Where {
                part: change(&of.part)?,
                transport: change(&of.transport)?,
                variant: change(&of.variant)?,
                cell: change(&of.cell)?,
            })
        };
        let over = |over: &Over| {
            Ok(Over {
                of: over.of.as_ref().map(place).transpose()?,
                figure: change(&over.figure)?,
            })
        };
        Ok(Self {
            quantity: change(&self.quantity)?,
            unit: self.unit.clone(),
            each: Vec::new(),
            by: self.by.clone(),
            of: self.of.as_ref().map(place).transpose()?,
            figure: some(&self.figure)?,
            over: self.over.as_ref().map(over).transpose()?,
            formula: some(&self.formula)?,
            published: some(&self.published)?,
            published_times: some(&self.published_times)?,
            published_as: some(&self.published_as)?,
            note: change(&self.note)?,
            ..*self
        })
    }
}
