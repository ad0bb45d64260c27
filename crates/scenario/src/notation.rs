//! The notation of arrivals and payloads: a word or a number where one is enough, a small
//! table where it is not. It is parsed by hand, because serde's untagged enums cannot say
//! what was wrong.

/// `"constant"`, `"poisson"` or `{ burst = 20 }`.
pub(super) mod arrivals {
    use std::fmt;

    use serde::{
        Deserialize, Deserializer, Serialize, Serializer,
        de::{self, value::MapAccessDeserializer},
    };

    use crate::plan::Arrivals;

    #[derive(Serialize, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Burst {
        burst: usize,
    }

    struct Reader;

    impl<'de> de::Visitor<'de> for Reader {
        type Value = Arrivals;

        fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            formatter.write_str("\"constant\", \"poisson\" or { burst = 20 }")
        }

        fn visit_str<E: de::Error>(self, word: &str) -> Result<Arrivals, E> {
            match word {
                "constant" => Ok(Arrivals::Constant),
                "poisson" => Ok(Arrivals::Poisson),
                "burst" => Err(E::custom("needs the size of a burst; write { burst = 20 }")),
                other => Err(E::unknown_variant(other, &["constant", "poisson", "burst"])),
            }
        }

        fn visit_map<A: de::MapAccess<'de>>(self, map: A) -> Result<Arrivals, A::Error> {
            let Burst { burst: size } = Burst::deserialize(MapAccessDeserializer::new(map))?;
            Ok(Arrivals::Burst { size })
        }
    }

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Arrivals, D::Error> {
        deserializer.deserialize_any(Reader)
    }

    pub(in super::super) fn serialize<S: Serializer>(
        arrivals: &Arrivals,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match *arrivals {
            Arrivals::Constant => serializer.serialize_str("constant"),
            Arrivals::Poisson => serializer.serialize_str("poisson"),
            Arrivals::Burst { size } => Burst { burst: size }.serialize(serializer),
        }
    }
}

/// `"open"`, `"closed"`, `{ in_flight = 4 }` or `{ in_flight = 4, back = "everyone" }`.
pub(super) mod pacing {
    use std::fmt;

    use serde::{
        Deserialize, Deserializer, Serialize, Serializer,
        de::{self, value::MapAccessDeserializer},
    };

    use crate::plan::{Back, Pacing};

    #[derive(Serialize, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct InFlight {
        in_flight: usize,
        #[serde(default, skip_serializing_if = "is_speaker")]
        back: Back,
    }

    // serde calls it with a reference, whatever the type.
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
    fn is_speaker(back: &Back) -> bool {
        *back == Back::Speaker
    }

    struct Reader;

    impl<'de> de::Visitor<'de> for Reader {
        type Value = Pacing;

        fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            formatter.write_str("\"open\", \"closed\" or { in_flight = 4 }")
        }

        fn visit_str<E: de::Error>(self, word: &str) -> Result<Pacing, E> {
            match word {
                "open" => Ok(Pacing::Open),
                "closed" => Ok(Pacing::Closed),
                "in_flight" => Err(E::custom("needs a number; write { in_flight = 4 }")),
                other => Err(E::unknown_variant(other, &["open", "closed", "in_flight"])),
            }
        }

        fn visit_map<A: de::MapAccess<'de>>(self, map: A) -> Result<Pacing, A::Error> {
            let InFlight {
                in_flight: count,
                back,
            } = InFlight::deserialize(MapAccessDeserializer::new(map))?;
            Ok(Pacing::InFlight { count, back })
        }
    }

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Pacing, D::Error> {
        deserializer.deserialize_any(Reader)
    }

    pub(in super::super) fn serialize<S: Serializer>(
        pacing: &Pacing,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match *pacing {
            Pacing::Open => serializer.serialize_str("open"),
            Pacing::Closed => serializer.serialize_str("closed"),
            Pacing::InFlight { count, back } => InFlight {
                in_flight: count,
                back,
            }
            .serialize(serializer),
        }
    }
}

/// `100` or `{ min = 10, max = 500 }`.
pub(super) mod payload {
    use std::fmt;

    use serde::{
        Deserialize, Deserializer, Serialize, Serializer,
        de::{self, value::MapAccessDeserializer},
    };

    use crate::plan::Payload;

    #[derive(Serialize, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Bounds {
        min: usize,
        max: usize,
    }

    struct Reader;

    impl<'de> de::Visitor<'de> for Reader {
        type Value = Payload;

        fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            formatter.write_str("a number of bytes or { min = 10, max = 500 }")
        }

        fn visit_i64<E: de::Error>(self, bytes: i64) -> Result<Payload, E> {
            let bytes = usize::try_from(bytes)
                .map_err(|_| E::invalid_value(de::Unexpected::Signed(bytes), &self))?;
            Ok(Payload {
                min: bytes,
                max: bytes,
            })
        }

        fn visit_u64<E: de::Error>(self, bytes: u64) -> Result<Payload, E> {
            let bytes = bytes as usize;
            Ok(Payload {
                min: bytes,
                max: bytes,
            })
        }

        fn visit_map<A: de::MapAccess<'de>>(self, map: A) -> Result<Payload, A::Error> {
            let Bounds { min, max } = Bounds::deserialize(MapAccessDeserializer::new(map))?;
            Ok(Payload { min, max })
        }
    }

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Payload, D::Error> {
        deserializer.deserialize_any(Reader)
    }

    pub(in super::super) fn serialize<S: Serializer>(
        payload: &Payload,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let Payload { min, max } = *payload;
        if min == max {
            serializer.serialize_u64(min as u64)
        } else {
            Bounds { min, max }.serialize(serializer)
        }
    }
}
