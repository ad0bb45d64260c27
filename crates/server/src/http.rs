//! HTTP: heads, addresses, queries and answers. This layer uses the rooms' terms, but knows no
//! transport and no socket.

pub(crate) mod body;
pub(crate) mod callback;
pub(crate) mod coding;
pub(crate) mod head;
pub(crate) mod origin;
pub(crate) mod page;
pub(crate) mod query;
pub(crate) mod refusal;
pub(crate) mod reply;
pub(crate) mod request_body;
pub(crate) mod route;
pub(crate) mod upgrade;
pub(crate) mod whole;
