//! The handshake of TLS on a new connection, by the tickets that its person keeps, or the browser whose
//! tab the person is.

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
            let own = remembered.entry(self.pools.owner(person));
            own.or_insert_with(|| tls.of_one_person()).session()?
        } else {
            tls.session()?
        };
        let shaken = meter.handshake(session).await;
        let is_declined = shaken == Err(Failure::Tls(tls::Failure::NoProtocol));
        let chosen = meter.session().is_some_and(tls::Session::is_http2);
        if self.target.http2 && (is_declined || (shaken.is_ok() && !chosen)) {
            return Err(Failure::NoAlpn);
        }
        shaken?;
        self.suite
            .set(meter.session().and_then(tls::Session::suite));
        Ok(())
    }
}
