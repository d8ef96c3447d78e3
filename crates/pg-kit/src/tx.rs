//! A transaction as an owned guard.

use std::ops::Deref;

use futures::FutureExt;

use crate::{Conn, Error};

/// A transaction. Everything that [`Conn`] can do happens inside it. Dropped without [`Tx::commit`], it rolls back.
pub struct Tx {
    conn: Conn,
    open: bool,
}

impl Tx {
    pub(crate) async fn begin(conn: Conn) -> Result<Self, Error> {
        // Guarded from before the statement is sent: a caller that is cancelled while waiting must not hand an open
        // transaction back to the pool.
        let tx = Self { conn, open: true };
        tx.conn.batch("BEGIN").await?;
        Ok(tx)
    }

    pub async fn commit(mut self) -> Result<(), Error> {
        // While COMMIT is under way the guard stays armed; a ROLLBACK behind it in the pipeline is a harmless warning.
        self.conn.batch("COMMIT").await?;
        self.open = false;
        Ok(())
    }

    /// Rolls back and waits for it; dropping does the same without waiting.
    pub async fn rollback(mut self) -> Result<(), Error> {
        self.conn.batch("ROLLBACK").await?;
        self.open = false;
        Ok(())
    }
}

impl Deref for Tx {
    type Target = Conn;

    fn deref(&self) -> &Conn {
        &self.conn
    }
}

impl Drop for Tx {
    fn drop(&mut self) {
        if self.open {
            // The first poll queues the message on the connection, whose requests are answered in order; so ROLLBACK
            // comes before anything that the connection's next user sends. Nobody needs the answer.
            drop(self.conn.batch("ROLLBACK").now_or_never());
        }
    }
}
