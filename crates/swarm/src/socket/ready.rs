//! The sockets of one task that have become ready.
//!
//! The runtime wakes a task without a word about the socket that it is woken for. A task that reads
//! many sockets would have to try them all. So each socket has a waker of its own here, which
//! writes the socket's number into a list and wakes the task once.
//!
//! A second epoll instance within the runtime's would hand out such lists by itself, and would
//! spare a few atomic operations for each message. But the kernel would go through both for each
//! packet, and does so in the system call of the sender: the server that is measured would pay for
//! it.

use std::{
    future::poll_fn,
    mem,
    sync::{Arc, Mutex},
    task::{Context, Poll, Wake, Waker},
};

/// The numbers of the sockets that have become ready, and the task that wants to know.
#[derive(Debug, Default)]
struct List {
    numbers: Vec<usize>,
    task: Option<Waker>,
}

/// The waker of one socket.
#[derive(Debug)]
struct Bell {
    number: usize,
    list: Arc<Mutex<List>>,
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        let task = {
            let mut list = self.list.lock().expect("no holder panics");
            list.numbers.push(self.number);
            list.task.take()
        };
        if let Some(task) = task {
            task.wake();
        }
    }
}

/// The sockets of one task that have become ready.
#[derive(Debug, Default)]
pub(crate) struct Ready(Arc<Mutex<List>>);

impl Ready {
    /// Makes the waker of the socket with this number.
    pub(crate) fn waker(&self, number: usize) -> Waker {
        let list = Arc::clone(&self.0);
        Waker::from(Arc::new(Bell { number, list }))
    }

    /// Waits until a socket is ready, and puts the numbers of all that are into `numbers`, which is
    /// empty, in the order in which they became so.
    pub(crate) async fn take(&self, numbers: &mut Vec<usize>) {
        poll_fn(|context| self.poll_take(context, numbers)).await;
    }

    fn poll_take(&self, context: &Context<'_>, numbers: &mut Vec<usize>) -> Poll<()> {
        let mut list = self.0.lock().expect("no holder panics");
        if list.numbers.is_empty() {
            list.task = Some(context.waker().clone());
            return Poll::Pending;
        }
        mem::swap(&mut list.numbers, numbers);
        Poll::Ready(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn sockets_are_told_in_the_order_in_which_they_became_ready() {
        let ready = Ready::default();
        let wakers = [0, 1, 2].map(|number| ready.waker(number));
        wakers[2].wake_by_ref();
        wakers[0].wake_by_ref();
        let mut numbers = Vec::new();
        ready.take(&mut numbers).await;
        assert_eq!(numbers, [2, 0]);
        numbers.clear();
        let mut waits = Box::pin(ready.take(&mut numbers));
        let mut context = Context::from_waker(Waker::noop());
        assert!(waits.as_mut().poll(&mut context).is_pending());
        wakers[1].wake_by_ref();
        waits.await;
        assert_eq!(numbers, [1]);
    }
}
