//! A reader's request over HTTP, and the head of the answer.

use bytes::Bytes;
use hyper::{
    Method, Response,
    body::Incoming,
    header::{CONNECTION, HeaderValue},
};

use super::reader::Reader;
use crate::{
    failure::Failure,
    socket::{
        connection::{self, Connection},
        request,
    },
};

impl Connection {
    /// Asks for `path`, with `posted` in a POST if that is given, and returns the answer's head
    /// once it is there.
    pub(crate) async fn ask(
        &mut self,
        reader: &Reader,
        path: &str,
        posted: Option<&Bytes>,
        keep_alive: bool,
    ) -> Result<Response<Incoming>, Failure> {
        let network = &reader.network;
        let mut request = request::request(network, path, posted.cloned().unwrap_or_default())?;
        request.headers_mut().clone_from(&network.headers.read);
        if posted.is_some() {
            *request.method_mut() = Method::POST;
        }
        if let Some(place) = &reader.foreign {
            place.prepare(&mut request);
        }
        request::tell_empty(&mut request);
        if !keep_alive {
            request
                .headers_mut()
                .insert(CONNECTION, HeaderValue::from_static("close"));
        }
        let response = self.send(request).await?;
        let status = response.status().as_u16();
        let foreign = reader.foreign.as_ref();
        if let Some(place) = foreign {
            place.note_head(response.headers());
            self.note_head(network, response.headers());
        }
        if status == 200 || foreign.is_some_and(|place| place.description().is_empty(status)) {
            return Ok(response);
        }
        reader
            .resume
            .told_to_wait
            .set(connection::retry_after(response.headers()));
        let room = reader.room_name();
        Err(Failure::status(status, response.headers(), &room))
    }
}
