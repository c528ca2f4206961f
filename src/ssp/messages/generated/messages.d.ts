import * as $protobuf from "protobufjs/minimal.js";
import Long = require("long");

/** Namespace ssp. */
export namespace ssp {

    /**
     * Properties of a TransportInstruction.
     * @deprecated Use ssp.TransportInstruction.$Properties instead.
     */
    interface ITransportInstruction extends ssp.TransportInstruction.$Properties {
    }

    /** Represents a TransportInstruction. */
    class TransportInstruction {

        /**
         * Constructs a new TransportInstruction.
         * @param [properties] Properties to set
         */
        constructor(properties?: ssp.TransportInstruction.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** TransportInstruction protocolVersion. */
        protocolVersion: number;

        /** TransportInstruction oldNum. */
        oldNum: Long;

        /** TransportInstruction newNum. */
        newNum: Long;

        /** TransportInstruction ackNum. */
        ackNum: Long;

        /** TransportInstruction throwawayNum. */
        throwawayNum: Long;

        /** TransportInstruction diff. */
        diff: Uint8Array;

        /** TransportInstruction chaff. */
        chaff: Uint8Array;

        /**
         * Encodes the specified TransportInstruction message. Does not implicitly {@link ssp.TransportInstruction.verify|verify} messages.
         * @param message TransportInstruction message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: ssp.TransportInstruction.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a TransportInstruction message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {ssp.TransportInstruction & ssp.TransportInstruction.$Shape} TransportInstruction
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): ssp.TransportInstruction & ssp.TransportInstruction.$Shape;
    }

    namespace TransportInstruction {

        /** Properties of a TransportInstruction. */
        interface $Properties {

            /** TransportInstruction protocolVersion */
            protocolVersion?: (number|null);

            /** TransportInstruction oldNum */
            oldNum?: (Long|null);

            /** TransportInstruction newNum */
            newNum?: (Long|null);

            /** TransportInstruction ackNum */
            ackNum?: (Long|null);

            /** TransportInstruction throwawayNum */
            throwawayNum?: (Long|null);

            /** TransportInstruction diff */
            diff?: (Uint8Array|null);

            /** TransportInstruction chaff */
            chaff?: (Uint8Array|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a TransportInstruction. */
        type $Shape = ssp.TransportInstruction.$Properties;
    }
}

/** Namespace user. */
export namespace user {

    /**
     * Properties of a UserMessage.
     * @deprecated Use user.UserMessage.$Properties instead.
     */
    interface IUserMessage extends user.UserMessage.$Properties {
    }

    /** Represents a UserMessage. */
    class UserMessage {

        /**
         * Constructs a new UserMessage.
         * @param [properties] Properties to set
         */
        constructor(properties?: user.UserMessage.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** UserMessage instruction. */
        instruction: user.Instruction.$Properties[];

        /**
         * Encodes the specified UserMessage message. Does not implicitly {@link user.UserMessage.verify|verify} messages.
         * @param message UserMessage message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: user.UserMessage.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a UserMessage message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {user.UserMessage & user.UserMessage.$Shape} UserMessage
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): user.UserMessage & user.UserMessage.$Shape;
    }

    namespace UserMessage {

        /** Properties of a UserMessage. */
        interface $Properties {

            /** UserMessage instruction */
            instruction?: (user.Instruction.$Properties[]|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a UserMessage. */
        type $Shape = user.UserMessage.$Properties;
    }

    /**
     * Properties of an Instruction.
     * @deprecated Use user.Instruction.$Properties instead.
     */
    interface IInstruction extends user.Instruction.$Properties {
    }

    /** Represents an Instruction. */
    class Instruction {

        /**
         * Constructs a new Instruction.
         * @param [properties] Properties to set
         */
        constructor(properties?: user.Instruction.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** Instruction keystroke. */
        keystroke?: (user.Keystroke.$Properties|null);

        /** Instruction resize. */
        resize?: (user.Resize.$Properties|null);

        /**
         * Encodes the specified Instruction message. Does not implicitly {@link user.Instruction.verify|verify} messages.
         * @param message Instruction message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: user.Instruction.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes an Instruction message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {user.Instruction & user.Instruction.$Shape} Instruction
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): user.Instruction & user.Instruction.$Shape;
    }

    namespace Instruction {

        /** Properties of an Instruction. */
        interface $Properties {

            /** Instruction keystroke */
            keystroke?: (user.Keystroke.$Properties|null);

            /** Instruction resize */
            resize?: (user.Resize.$Properties|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of an Instruction. */
        type $Shape = user.Instruction.$Properties;
    }

    /**
     * Properties of a Keystroke.
     * @deprecated Use user.Keystroke.$Properties instead.
     */
    interface IKeystroke extends user.Keystroke.$Properties {
    }

    /** Represents a Keystroke. */
    class Keystroke {

        /**
         * Constructs a new Keystroke.
         * @param [properties] Properties to set
         */
        constructor(properties?: user.Keystroke.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** Keystroke keys. */
        keys: Uint8Array;

        /**
         * Encodes the specified Keystroke message. Does not implicitly {@link user.Keystroke.verify|verify} messages.
         * @param message Keystroke message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: user.Keystroke.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a Keystroke message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {user.Keystroke & user.Keystroke.$Shape} Keystroke
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): user.Keystroke & user.Keystroke.$Shape;
    }

    namespace Keystroke {

        /** Properties of a Keystroke. */
        interface $Properties {

            /** Keystroke keys */
            keys?: (Uint8Array|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a Keystroke. */
        type $Shape = user.Keystroke.$Properties;
    }

    /**
     * Properties of a Resize.
     * @deprecated Use user.Resize.$Properties instead.
     */
    interface IResize extends user.Resize.$Properties {
    }

    /** Represents a Resize. */
    class Resize {

        /**
         * Constructs a new Resize.
         * @param [properties] Properties to set
         */
        constructor(properties?: user.Resize.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** Resize width. */
        width: number;

        /** Resize height. */
        height: number;

        /**
         * Encodes the specified Resize message. Does not implicitly {@link user.Resize.verify|verify} messages.
         * @param message Resize message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: user.Resize.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a Resize message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {user.Resize & user.Resize.$Shape} Resize
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): user.Resize & user.Resize.$Shape;
    }

    namespace Resize {

        /** Properties of a Resize. */
        interface $Properties {

            /** Resize width */
            width?: (number|null);

            /** Resize height */
            height?: (number|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a Resize. */
        type $Shape = user.Resize.$Properties;
    }
}

/** Namespace host. */
export namespace host {

    /**
     * Properties of a HostMessage.
     * @deprecated Use host.HostMessage.$Properties instead.
     */
    interface IHostMessage extends host.HostMessage.$Properties {
    }

    /** Represents a HostMessage. */
    class HostMessage {

        /**
         * Constructs a new HostMessage.
         * @param [properties] Properties to set
         */
        constructor(properties?: host.HostMessage.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** HostMessage instruction. */
        instruction: host.Instruction.$Properties[];

        /**
         * Encodes the specified HostMessage message. Does not implicitly {@link host.HostMessage.verify|verify} messages.
         * @param message HostMessage message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: host.HostMessage.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a HostMessage message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {host.HostMessage & host.HostMessage.$Shape} HostMessage
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): host.HostMessage & host.HostMessage.$Shape;
    }

    namespace HostMessage {

        /** Properties of a HostMessage. */
        interface $Properties {

            /** HostMessage instruction */
            instruction?: (host.Instruction.$Properties[]|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a HostMessage. */
        type $Shape = host.HostMessage.$Properties;
    }

    /**
     * Properties of an Instruction.
     * @deprecated Use host.Instruction.$Properties instead.
     */
    interface IInstruction extends host.Instruction.$Properties {
    }

    /** Represents an Instruction. */
    class Instruction {

        /**
         * Constructs a new Instruction.
         * @param [properties] Properties to set
         */
        constructor(properties?: host.Instruction.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** Instruction hostBytes. */
        hostBytes?: (host.HostBytes.$Properties|null);

        /** Instruction resize. */
        resize?: (host.Resize.$Properties|null);

        /** Instruction echoAck. */
        echoAck?: (host.EchoAck.$Properties|null);

        /**
         * Encodes the specified Instruction message. Does not implicitly {@link host.Instruction.verify|verify} messages.
         * @param message Instruction message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: host.Instruction.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes an Instruction message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {host.Instruction & host.Instruction.$Shape} Instruction
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): host.Instruction & host.Instruction.$Shape;
    }

    namespace Instruction {

        /** Properties of an Instruction. */
        interface $Properties {

            /** Instruction hostBytes */
            hostBytes?: (host.HostBytes.$Properties|null);

            /** Instruction resize */
            resize?: (host.Resize.$Properties|null);

            /** Instruction echoAck */
            echoAck?: (host.EchoAck.$Properties|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of an Instruction. */
        type $Shape = host.Instruction.$Properties;
    }

    /**
     * Properties of a HostBytes.
     * @deprecated Use host.HostBytes.$Properties instead.
     */
    interface IHostBytes extends host.HostBytes.$Properties {
    }

    /** Represents a HostBytes. */
    class HostBytes {

        /**
         * Constructs a new HostBytes.
         * @param [properties] Properties to set
         */
        constructor(properties?: host.HostBytes.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** HostBytes hostString. */
        hostString: Uint8Array;

        /**
         * Encodes the specified HostBytes message. Does not implicitly {@link host.HostBytes.verify|verify} messages.
         * @param message HostBytes message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: host.HostBytes.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a HostBytes message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {host.HostBytes & host.HostBytes.$Shape} HostBytes
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): host.HostBytes & host.HostBytes.$Shape;
    }

    namespace HostBytes {

        /** Properties of a HostBytes. */
        interface $Properties {

            /** HostBytes hostString */
            hostString?: (Uint8Array|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a HostBytes. */
        type $Shape = host.HostBytes.$Properties;
    }

    /**
     * Properties of a Resize.
     * @deprecated Use host.Resize.$Properties instead.
     */
    interface IResize extends host.Resize.$Properties {
    }

    /** Represents a Resize. */
    class Resize {

        /**
         * Constructs a new Resize.
         * @param [properties] Properties to set
         */
        constructor(properties?: host.Resize.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** Resize width. */
        width: number;

        /** Resize height. */
        height: number;

        /**
         * Encodes the specified Resize message. Does not implicitly {@link host.Resize.verify|verify} messages.
         * @param message Resize message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: host.Resize.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a Resize message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {host.Resize & host.Resize.$Shape} Resize
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): host.Resize & host.Resize.$Shape;
    }

    namespace Resize {

        /** Properties of a Resize. */
        interface $Properties {

            /** Resize width */
            width?: (number|null);

            /** Resize height */
            height?: (number|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a Resize. */
        type $Shape = host.Resize.$Properties;
    }

    /**
     * Properties of an EchoAck.
     * @deprecated Use host.EchoAck.$Properties instead.
     */
    interface IEchoAck extends host.EchoAck.$Properties {
    }

    /** Represents an EchoAck. */
    class EchoAck {

        /**
         * Constructs a new EchoAck.
         * @param [properties] Properties to set
         */
        constructor(properties?: host.EchoAck.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** EchoAck echoAckNum. */
        echoAckNum: Long;

        /**
         * Encodes the specified EchoAck message. Does not implicitly {@link host.EchoAck.verify|verify} messages.
         * @param message EchoAck message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: host.EchoAck.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes an EchoAck message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {host.EchoAck & host.EchoAck.$Shape} EchoAck
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): host.EchoAck & host.EchoAck.$Shape;
    }

    namespace EchoAck {

        /** Properties of an EchoAck. */
        interface $Properties {

            /** EchoAck echoAckNum */
            echoAckNum?: (Long|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of an EchoAck. */
        type $Shape = host.EchoAck.$Properties;
    }
}
