//! The handshake of TLS on a new connection, by the tickets that its person keeps.

use tls::Connector;

use crate::{
    failure::Failure,
    socket::{meter::Meter, network::Network},
};

impl Network {
    /// Puts a connection of `person` under TLS.
    pub(super) async fn shake_hands(
        &self,
        person: usize,
        tls: &Connector,
        meter: &mut Meter,
    ) -> Result<(), Failure> {
        let session = if tls.remembers() {
            let mut remembered = self.remembered.borrow_mut();
            let own = remembered.entry(person);
            own.or_insert_with(|| tls.of_one_person()).session()?
        } else {
            tls.session()?
        };
        meter.handshake(session).await?;
        self.suite
            .set(meter.session().and_then(tls::Session::suite));
        Ok(())
    }
}
