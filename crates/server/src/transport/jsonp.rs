//! JSONP: the long poll in a script, for a page that can send no request of its
//! own and read the answer.
//!
//! The page adds a script element, and the script that comes back calls its
//! function with the batch.

use bytes::Bytes;

use crate::{
    http::{
        callback::CallbackParameters,
        query::QueryError,
        refusal::Refusal,
        reply::{self, Reply},
    },
    room::wrapping::for_script,
    transport::{Answer, long_poll, reading::Reading},
};

/// Waits as a long poll does, and answers with a script.
pub(crate) async fn answer(
    reading: Reading,
    parameters: CallbackParameters,
) -> Result<Answer, Refusal> {
    let Some(callback) = parameters.callback else {
        return Err(QueryError::Callback(String::new()).into());
    };
    let batch = match long_poll::answer(reading)? {
        Answer::Held(held) => held.batch().await,
        // A reader that is to be informed about the log is answered at once.
        Answer::Batch(batch) => batch,
        other => return Ok(other),
    };
    Ok(Answer::Http(script(&callback, &batch, parameters.padding)))
}

/// Makes the script. It begins with a comment, which holds the padding: nobody
/// takes it for a file of another kind because of what the callback is called.
fn script(callback: &str, batch: &[u8], padding: usize) -> Reply {
    let batch = String::from_utf8_lossy(batch);
    let comment = " ".repeat(padding);
    let script = format!("/*{comment}*/{callback}({});\n", for_script(&batch));
    reply::script(Bytes::from(script))
}
