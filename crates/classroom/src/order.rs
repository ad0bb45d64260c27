//! The teacher's orders about one person.

use serde::Deserialize;
use server::Order;

/// An order of the teacher about one person.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PersonOrder {
    Mute,
    Unmute,
    SendOut,
    Ban,
}

impl From<PersonOrder> for Order {
    fn from(order: PersonOrder) -> Self {
        match order {
            PersonOrder::Mute => Self::Mute,
            PersonOrder::Unmute => Self::Unmute,
            PersonOrder::SendOut => Self::SendOut,
            PersonOrder::Ban => Self::Ban,
        }
    }
}
