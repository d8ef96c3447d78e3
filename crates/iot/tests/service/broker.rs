//! The in-process broker by itself.

use std::{net::SocketAddr, time::Duration};

use iot::broker::{Broker, BrokerError};
use rumqttc::{AsyncClient, Event, EventLoop, MqttOptions, Packet, QoS};

fn client(id: &str, address: SocketAddr) -> (AsyncClient, EventLoop) {
    AsyncClient::new(MqttOptions::new(id, address.ip().to_string(), address.port()), 100)
}

async fn next_payload(events: &mut EventLoop) -> Vec<u8> {
    loop {
        if let Event::Incoming(Packet::Publish(message)) = events.poll().await.unwrap() {
            return message.payload.to_vec();
        }
    }
}

#[tokio::test]
async fn two_clients_talk_and_a_stopped_broker_frees_its_port() {
    let broker = Broker::start(SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap();
    let address = broker.address;
    let (reader, mut heard) = client("reader", address);
    reader.subscribe("a/+", QoS::AtLeastOnce).await.unwrap();
    while !matches!(heard.poll().await.unwrap(), Event::Incoming(Packet::SubAck(_))) {}
    let (writer, mut events) = client("writer", address);
    writer.publish("a/b", QoS::AtLeastOnce, false, "hello").await.unwrap();
    let exchange = async {
        tokio::select! {
            payload = next_payload(&mut heard) => payload,
            () = async { while events.poll().await.is_ok() {} } => panic!("the writer was cut off"),
        }
    };
    let payload = tokio::time::timeout(Duration::from_secs(5), exchange).await.unwrap();
    assert_eq!(payload, b"hello");

    let taken = Broker::start(address).await.unwrap_err();
    assert!(matches!(&taken, BrokerError::Listen { .. }), "{taken}");
    assert!(taken.to_string().contains(&address.to_string()), "{taken}");
    drop(broker);
    let cut_off = async { while heard.poll().await.is_ok() {} };
    tokio::time::timeout(Duration::from_secs(5), cut_off).await.expect("connections end with the broker");
    Broker::start(address).await.unwrap();
}
