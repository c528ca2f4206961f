/*eslint-disable block-scoped-var, id-length, no-control-regex, no-magic-numbers, no-mixed-operators, no-prototype-builtins, no-redeclare, no-shadow, no-var, sort-vars, default-case, jsdoc/require-param*/
import $protobuf from "protobufjs/minimal.js";

// Common aliases
const $Reader = $protobuf.Reader, $Writer = $protobuf.Writer, $util = $protobuf.util;
const $Object = $util.global.Object, $undefined = $util.global.undefined, $Error = $util.global.Error, $RangeError = $util.global.RangeError;

// Exported root namespace
const $root = $protobuf.roots["default"] || ($protobuf.roots["default"] = {});

export const ssp = $root.ssp = (() => {

    /**
     * Namespace ssp.
     * @exports ssp
     * @namespace
     */
    const ssp = {};

    ssp.TransportInstruction = (function() {

        /**
         * Properties of a TransportInstruction.
         * @typedef {Object} ssp.TransportInstruction.$Properties
         * @property {number|null} [protocolVersion] TransportInstruction protocolVersion
         * @property {Long|null} [oldNum] TransportInstruction oldNum
         * @property {Long|null} [newNum] TransportInstruction newNum
         * @property {Long|null} [ackNum] TransportInstruction ackNum
         * @property {Long|null} [throwawayNum] TransportInstruction throwawayNum
         * @property {Uint8Array|null} [diff] TransportInstruction diff
         * @property {Uint8Array|null} [chaff] TransportInstruction chaff
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of a TransportInstruction.
         * @memberof ssp
         * @interface ITransportInstruction
         * @augments ssp.TransportInstruction.$Properties
         * @deprecated Use ssp.TransportInstruction.$Properties instead.
         */

        /**
         * Shape of a TransportInstruction.
         * @typedef {ssp.TransportInstruction.$Properties} ssp.TransportInstruction.$Shape
         */

        /**
         * Constructs a new TransportInstruction.
         * @memberof ssp
         * @classdesc Represents a TransportInstruction.
         * @constructor
         * @param {ssp.TransportInstruction.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const TransportInstruction = function (properties) {
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * TransportInstruction protocolVersion.
         * @member {number} protocolVersion
         * @memberof ssp.TransportInstruction
         * @instance
         */
        TransportInstruction.prototype.protocolVersion = 0;

        /**
         * TransportInstruction oldNum.
         * @member {Long} oldNum
         * @memberof ssp.TransportInstruction
         * @instance
         */
        TransportInstruction.prototype.oldNum = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

        /**
         * TransportInstruction newNum.
         * @member {Long} newNum
         * @memberof ssp.TransportInstruction
         * @instance
         */
        TransportInstruction.prototype.newNum = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

        /**
         * TransportInstruction ackNum.
         * @member {Long} ackNum
         * @memberof ssp.TransportInstruction
         * @instance
         */
        TransportInstruction.prototype.ackNum = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

        /**
         * TransportInstruction throwawayNum.
         * @member {Long} throwawayNum
         * @memberof ssp.TransportInstruction
         * @instance
         */
        TransportInstruction.prototype.throwawayNum = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

        /**
         * TransportInstruction diff.
         * @member {Uint8Array} diff
         * @memberof ssp.TransportInstruction
         * @instance
         */
        TransportInstruction.prototype.diff = $util.newBuffer([]);

        /**
         * TransportInstruction chaff.
         * @member {Uint8Array} chaff
         * @memberof ssp.TransportInstruction
         * @instance
         */
        TransportInstruction.prototype.chaff = $util.newBuffer([]);

        /**
         * Encodes the specified TransportInstruction message. Does not implicitly {@link ssp.TransportInstruction.verify|verify} messages.
         * @function encode
         * @memberof ssp.TransportInstruction
         * @static
         * @param {ssp.TransportInstruction.$Properties} message TransportInstruction message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        TransportInstruction.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.protocolVersion != null && $Object.hasOwnProperty.call(message, "protocolVersion"))
                writer.uint32(/* id 1, wireType 0 =*/8).uint32(message.protocolVersion);
            if (message.oldNum != null && $Object.hasOwnProperty.call(message, "oldNum"))
                writer.uint32(/* id 2, wireType 0 =*/16).uint64(message.oldNum);
            if (message.newNum != null && $Object.hasOwnProperty.call(message, "newNum"))
                writer.uint32(/* id 3, wireType 0 =*/24).uint64(message.newNum);
            if (message.ackNum != null && $Object.hasOwnProperty.call(message, "ackNum"))
                writer.uint32(/* id 4, wireType 0 =*/32).uint64(message.ackNum);
            if (message.throwawayNum != null && $Object.hasOwnProperty.call(message, "throwawayNum"))
                writer.uint32(/* id 5, wireType 0 =*/40).uint64(message.throwawayNum);
            if (message.diff != null && $Object.hasOwnProperty.call(message, "diff"))
                writer.uint32(/* id 6, wireType 2 =*/50).bytes(message.diff);
            if (message.chaff != null && $Object.hasOwnProperty.call(message, "chaff"))
                writer.uint32(/* id 7, wireType 2 =*/58).bytes(message.chaff);
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes a TransportInstruction message from the specified reader or buffer.
         * @function decode
         * @memberof ssp.TransportInstruction
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {ssp.TransportInstruction & ssp.TransportInstruction.$Shape} TransportInstruction
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        TransportInstruction.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.ssp.TransportInstruction();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 0)
                            break;
                        message.protocolVersion = reader.uint32();
                        continue;
                    }
                case 2: {
                        if (wireType !== 0)
                            break;
                        message.oldNum = reader.uint64();
                        continue;
                    }
                case 3: {
                        if (wireType !== 0)
                            break;
                        message.newNum = reader.uint64();
                        continue;
                    }
                case 4: {
                        if (wireType !== 0)
                            break;
                        message.ackNum = reader.uint64();
                        continue;
                    }
                case 5: {
                        if (wireType !== 0)
                            break;
                        message.throwawayNum = reader.uint64();
                        continue;
                    }
                case 6: {
                        if (wireType !== 2)
                            break;
                        message.diff = reader.bytes();
                        continue;
                    }
                case 7: {
                        if (wireType !== 2)
                            break;
                        message.chaff = reader.bytes();
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        return TransportInstruction;
    })();

    return ssp;
})();

export const user = $root.user = (() => {

    /**
     * Namespace user.
     * @exports user
     * @namespace
     */
    const user = {};

    user.UserMessage = (function() {

        /**
         * Properties of a UserMessage.
         * @typedef {Object} user.UserMessage.$Properties
         * @property {Array.<user.Instruction.$Properties>|null} [instruction] UserMessage instruction
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of a UserMessage.
         * @memberof user
         * @interface IUserMessage
         * @augments user.UserMessage.$Properties
         * @deprecated Use user.UserMessage.$Properties instead.
         */

        /**
         * Shape of a UserMessage.
         * @typedef {user.UserMessage.$Properties} user.UserMessage.$Shape
         */

        /**
         * Constructs a new UserMessage.
         * @memberof user
         * @classdesc Represents a UserMessage.
         * @constructor
         * @param {user.UserMessage.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const UserMessage = function (properties) {
            this.instruction = [];
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * UserMessage instruction.
         * @member {Array.<user.Instruction.$Properties>} instruction
         * @memberof user.UserMessage
         * @instance
         */
        UserMessage.prototype.instruction = $util.emptyArray;

        /**
         * Encodes the specified UserMessage message. Does not implicitly {@link user.UserMessage.verify|verify} messages.
         * @function encode
         * @memberof user.UserMessage
         * @static
         * @param {user.UserMessage.$Properties} message UserMessage message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        UserMessage.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.instruction != null && message.instruction.length)
                for (let i = 0; i < message.instruction.length; ++i)
                    $root.user.Instruction.encode(message.instruction[i], writer.uint32(/* id 1, wireType 2 =*/10).fork(), _depth + 1).ldelim();
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes a UserMessage message from the specified reader or buffer.
         * @function decode
         * @memberof user.UserMessage
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {user.UserMessage & user.UserMessage.$Shape} UserMessage
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        UserMessage.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.user.UserMessage();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 2)
                            break;
                        if (!(message.instruction && message.instruction.length))
                            message.instruction = [];
                        message.instruction.push($root.user.Instruction.decode(reader, reader.size(), $undefined, _depth + 1));
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        return UserMessage;
    })();

    user.Instruction = (function() {

        /**
         * Properties of an Instruction.
         * @typedef {Object} user.Instruction.$Properties
         * @property {user.Keystroke.$Properties|null} [keystroke] Instruction keystroke
         * @property {user.Resize.$Properties|null} [resize] Instruction resize
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of an Instruction.
         * @memberof user
         * @interface IInstruction
         * @augments user.Instruction.$Properties
         * @deprecated Use user.Instruction.$Properties instead.
         */

        /**
         * Shape of an Instruction.
         * @typedef {user.Instruction.$Properties} user.Instruction.$Shape
         */

        /**
         * Constructs a new Instruction.
         * @memberof user
         * @classdesc Represents an Instruction.
         * @constructor
         * @param {user.Instruction.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const Instruction = function (properties) {
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * Instruction keystroke.
         * @member {user.Keystroke.$Properties|null|undefined} keystroke
         * @memberof user.Instruction
         * @instance
         */
        Instruction.prototype.keystroke = null;

        /**
         * Instruction resize.
         * @member {user.Resize.$Properties|null|undefined} resize
         * @memberof user.Instruction
         * @instance
         */
        Instruction.prototype.resize = null;

        /**
         * Encodes the specified Instruction message. Does not implicitly {@link user.Instruction.verify|verify} messages.
         * @function encode
         * @memberof user.Instruction
         * @static
         * @param {user.Instruction.$Properties} message Instruction message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        Instruction.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.keystroke != null && $Object.hasOwnProperty.call(message, "keystroke"))
                $root.user.Keystroke.encode(message.keystroke, writer.uint32(/* id 2, wireType 2 =*/18).fork(), _depth + 1).ldelim();
            if (message.resize != null && $Object.hasOwnProperty.call(message, "resize"))
                $root.user.Resize.encode(message.resize, writer.uint32(/* id 3, wireType 2 =*/26).fork(), _depth + 1).ldelim();
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes an Instruction message from the specified reader or buffer.
         * @function decode
         * @memberof user.Instruction
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {user.Instruction & user.Instruction.$Shape} Instruction
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        Instruction.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.user.Instruction();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 2: {
                        if (wireType !== 2)
                            break;
                        message.keystroke = $root.user.Keystroke.decode(reader, reader.size(), $undefined, _depth + 1, message.keystroke);
                        continue;
                    }
                case 3: {
                        if (wireType !== 2)
                            break;
                        message.resize = $root.user.Resize.decode(reader, reader.size(), $undefined, _depth + 1, message.resize);
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        return Instruction;
    })();

    user.Keystroke = (function() {

        /**
         * Properties of a Keystroke.
         * @typedef {Object} user.Keystroke.$Properties
         * @property {Uint8Array|null} [keys] Keystroke keys
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of a Keystroke.
         * @memberof user
         * @interface IKeystroke
         * @augments user.Keystroke.$Properties
         * @deprecated Use user.Keystroke.$Properties instead.
         */

        /**
         * Shape of a Keystroke.
         * @typedef {user.Keystroke.$Properties} user.Keystroke.$Shape
         */

        /**
         * Constructs a new Keystroke.
         * @memberof user
         * @classdesc Represents a Keystroke.
         * @constructor
         * @param {user.Keystroke.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const Keystroke = function (properties) {
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * Keystroke keys.
         * @member {Uint8Array} keys
         * @memberof user.Keystroke
         * @instance
         */
        Keystroke.prototype.keys = $util.newBuffer([]);

        /**
         * Encodes the specified Keystroke message. Does not implicitly {@link user.Keystroke.verify|verify} messages.
         * @function encode
         * @memberof user.Keystroke
         * @static
         * @param {user.Keystroke.$Properties} message Keystroke message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        Keystroke.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.keys != null && $Object.hasOwnProperty.call(message, "keys"))
                writer.uint32(/* id 4, wireType 2 =*/34).bytes(message.keys);
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes a Keystroke message from the specified reader or buffer.
         * @function decode
         * @memberof user.Keystroke
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {user.Keystroke & user.Keystroke.$Shape} Keystroke
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        Keystroke.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.user.Keystroke();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 4: {
                        if (wireType !== 2)
                            break;
                        message.keys = reader.bytes();
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        return Keystroke;
    })();

    user.Resize = (function() {

        /**
         * Properties of a Resize.
         * @typedef {Object} user.Resize.$Properties
         * @property {number|null} [width] Resize width
         * @property {number|null} [height] Resize height
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of a Resize.
         * @memberof user
         * @interface IResize
         * @augments user.Resize.$Properties
         * @deprecated Use user.Resize.$Properties instead.
         */

        /**
         * Shape of a Resize.
         * @typedef {user.Resize.$Properties} user.Resize.$Shape
         */

        /**
         * Constructs a new Resize.
         * @memberof user
         * @classdesc Represents a Resize.
         * @constructor
         * @param {user.Resize.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const Resize = function (properties) {
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * Resize width.
         * @member {number} width
         * @memberof user.Resize
         * @instance
         */
        Resize.prototype.width = 0;

        /**
         * Resize height.
         * @member {number} height
         * @memberof user.Resize
         * @instance
         */
        Resize.prototype.height = 0;

        /**
         * Encodes the specified Resize message. Does not implicitly {@link user.Resize.verify|verify} messages.
         * @function encode
         * @memberof user.Resize
         * @static
         * @param {user.Resize.$Properties} message Resize message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        Resize.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.width != null && $Object.hasOwnProperty.call(message, "width"))
                writer.uint32(/* id 5, wireType 0 =*/40).int32(message.width);
            if (message.height != null && $Object.hasOwnProperty.call(message, "height"))
                writer.uint32(/* id 6, wireType 0 =*/48).int32(message.height);
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes a Resize message from the specified reader or buffer.
         * @function decode
         * @memberof user.Resize
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {user.Resize & user.Resize.$Shape} Resize
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        Resize.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.user.Resize();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 5: {
                        if (wireType !== 0)
                            break;
                        message.width = reader.int32();
                        continue;
                    }
                case 6: {
                        if (wireType !== 0)
                            break;
                        message.height = reader.int32();
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        return Resize;
    })();

    return user;
})();

export const host = $root.host = (() => {

    /**
     * Namespace host.
     * @exports host
     * @namespace
     */
    const host = {};

    host.HostMessage = (function() {

        /**
         * Properties of a HostMessage.
         * @typedef {Object} host.HostMessage.$Properties
         * @property {Array.<host.Instruction.$Properties>|null} [instruction] HostMessage instruction
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of a HostMessage.
         * @memberof host
         * @interface IHostMessage
         * @augments host.HostMessage.$Properties
         * @deprecated Use host.HostMessage.$Properties instead.
         */

        /**
         * Shape of a HostMessage.
         * @typedef {host.HostMessage.$Properties} host.HostMessage.$Shape
         */

        /**
         * Constructs a new HostMessage.
         * @memberof host
         * @classdesc Represents a HostMessage.
         * @constructor
         * @param {host.HostMessage.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const HostMessage = function (properties) {
            this.instruction = [];
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * HostMessage instruction.
         * @member {Array.<host.Instruction.$Properties>} instruction
         * @memberof host.HostMessage
         * @instance
         */
        HostMessage.prototype.instruction = $util.emptyArray;

        /**
         * Encodes the specified HostMessage message. Does not implicitly {@link host.HostMessage.verify|verify} messages.
         * @function encode
         * @memberof host.HostMessage
         * @static
         * @param {host.HostMessage.$Properties} message HostMessage message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        HostMessage.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.instruction != null && message.instruction.length)
                for (let i = 0; i < message.instruction.length; ++i)
                    $root.host.Instruction.encode(message.instruction[i], writer.uint32(/* id 1, wireType 2 =*/10).fork(), _depth + 1).ldelim();
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes a HostMessage message from the specified reader or buffer.
         * @function decode
         * @memberof host.HostMessage
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {host.HostMessage & host.HostMessage.$Shape} HostMessage
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        HostMessage.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.host.HostMessage();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 2)
                            break;
                        if (!(message.instruction && message.instruction.length))
                            message.instruction = [];
                        message.instruction.push($root.host.Instruction.decode(reader, reader.size(), $undefined, _depth + 1));
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        return HostMessage;
    })();

    host.Instruction = (function() {

        /**
         * Properties of an Instruction.
         * @typedef {Object} host.Instruction.$Properties
         * @property {host.HostBytes.$Properties|null} [hostBytes] Instruction hostBytes
         * @property {host.Resize.$Properties|null} [resize] Instruction resize
         * @property {host.EchoAck.$Properties|null} [echoAck] Instruction echoAck
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of an Instruction.
         * @memberof host
         * @interface IInstruction
         * @augments host.Instruction.$Properties
         * @deprecated Use host.Instruction.$Properties instead.
         */

        /**
         * Shape of an Instruction.
         * @typedef {host.Instruction.$Properties} host.Instruction.$Shape
         */

        /**
         * Constructs a new Instruction.
         * @memberof host
         * @classdesc Represents an Instruction.
         * @constructor
         * @param {host.Instruction.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const Instruction = function (properties) {
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * Instruction hostBytes.
         * @member {host.HostBytes.$Properties|null|undefined} hostBytes
         * @memberof host.Instruction
         * @instance
         */
        Instruction.prototype.hostBytes = null;

        /**
         * Instruction resize.
         * @member {host.Resize.$Properties|null|undefined} resize
         * @memberof host.Instruction
         * @instance
         */
        Instruction.prototype.resize = null;

        /**
         * Instruction echoAck.
         * @member {host.EchoAck.$Properties|null|undefined} echoAck
         * @memberof host.Instruction
         * @instance
         */
        Instruction.prototype.echoAck = null;

        /**
         * Encodes the specified Instruction message. Does not implicitly {@link host.Instruction.verify|verify} messages.
         * @function encode
         * @memberof host.Instruction
         * @static
         * @param {host.Instruction.$Properties} message Instruction message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        Instruction.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.hostBytes != null && $Object.hasOwnProperty.call(message, "hostBytes"))
                $root.host.HostBytes.encode(message.hostBytes, writer.uint32(/* id 2, wireType 2 =*/18).fork(), _depth + 1).ldelim();
            if (message.resize != null && $Object.hasOwnProperty.call(message, "resize"))
                $root.host.Resize.encode(message.resize, writer.uint32(/* id 3, wireType 2 =*/26).fork(), _depth + 1).ldelim();
            if (message.echoAck != null && $Object.hasOwnProperty.call(message, "echoAck"))
                $root.host.EchoAck.encode(message.echoAck, writer.uint32(/* id 7, wireType 2 =*/58).fork(), _depth + 1).ldelim();
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes an Instruction message from the specified reader or buffer.
         * @function decode
         * @memberof host.Instruction
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {host.Instruction & host.Instruction.$Shape} Instruction
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        Instruction.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.host.Instruction();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 2: {
                        if (wireType !== 2)
                            break;
                        message.hostBytes = $root.host.HostBytes.decode(reader, reader.size(), $undefined, _depth + 1, message.hostBytes);
                        continue;
                    }
                case 3: {
                        if (wireType !== 2)
                            break;
                        message.resize = $root.host.Resize.decode(reader, reader.size(), $undefined, _depth + 1, message.resize);
                        continue;
                    }
                case 7: {
                        if (wireType !== 2)
                            break;
                        message.echoAck = $root.host.EchoAck.decode(reader, reader.size(), $undefined, _depth + 1, message.echoAck);
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        return Instruction;
    })();

    host.HostBytes = (function() {

        /**
         * Properties of a HostBytes.
         * @typedef {Object} host.HostBytes.$Properties
         * @property {Uint8Array|null} [hostString] HostBytes hostString
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of a HostBytes.
         * @memberof host
         * @interface IHostBytes
         * @augments host.HostBytes.$Properties
         * @deprecated Use host.HostBytes.$Properties instead.
         */

        /**
         * Shape of a HostBytes.
         * @typedef {host.HostBytes.$Properties} host.HostBytes.$Shape
         */

        /**
         * Constructs a new HostBytes.
         * @memberof host
         * @classdesc Represents a HostBytes.
         * @constructor
         * @param {host.HostBytes.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const HostBytes = function (properties) {
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * HostBytes hostString.
         * @member {Uint8Array} hostString
         * @memberof host.HostBytes
         * @instance
         */
        HostBytes.prototype.hostString = $util.newBuffer([]);

        /**
         * Encodes the specified HostBytes message. Does not implicitly {@link host.HostBytes.verify|verify} messages.
         * @function encode
         * @memberof host.HostBytes
         * @static
         * @param {host.HostBytes.$Properties} message HostBytes message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        HostBytes.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.hostString != null && $Object.hasOwnProperty.call(message, "hostString"))
                writer.uint32(/* id 4, wireType 2 =*/34).bytes(message.hostString);
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes a HostBytes message from the specified reader or buffer.
         * @function decode
         * @memberof host.HostBytes
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {host.HostBytes & host.HostBytes.$Shape} HostBytes
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        HostBytes.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.host.HostBytes();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 4: {
                        if (wireType !== 2)
                            break;
                        message.hostString = reader.bytes();
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        return HostBytes;
    })();

    host.Resize = (function() {

        /**
         * Properties of a Resize.
         * @typedef {Object} host.Resize.$Properties
         * @property {number|null} [width] Resize width
         * @property {number|null} [height] Resize height
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of a Resize.
         * @memberof host
         * @interface IResize
         * @augments host.Resize.$Properties
         * @deprecated Use host.Resize.$Properties instead.
         */

        /**
         * Shape of a Resize.
         * @typedef {host.Resize.$Properties} host.Resize.$Shape
         */

        /**
         * Constructs a new Resize.
         * @memberof host
         * @classdesc Represents a Resize.
         * @constructor
         * @param {host.Resize.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const Resize = function (properties) {
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * Resize width.
         * @member {number} width
         * @memberof host.Resize
         * @instance
         */
        Resize.prototype.width = 0;

        /**
         * Resize height.
         * @member {number} height
         * @memberof host.Resize
         * @instance
         */
        Resize.prototype.height = 0;

        /**
         * Encodes the specified Resize message. Does not implicitly {@link host.Resize.verify|verify} messages.
         * @function encode
         * @memberof host.Resize
         * @static
         * @param {host.Resize.$Properties} message Resize message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        Resize.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.width != null && $Object.hasOwnProperty.call(message, "width"))
                writer.uint32(/* id 5, wireType 0 =*/40).int32(message.width);
            if (message.height != null && $Object.hasOwnProperty.call(message, "height"))
                writer.uint32(/* id 6, wireType 0 =*/48).int32(message.height);
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes a Resize message from the specified reader or buffer.
         * @function decode
         * @memberof host.Resize
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {host.Resize & host.Resize.$Shape} Resize
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        Resize.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.host.Resize();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 5: {
                        if (wireType !== 0)
                            break;
                        message.width = reader.int32();
                        continue;
                    }
                case 6: {
                        if (wireType !== 0)
                            break;
                        message.height = reader.int32();
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        return Resize;
    })();

    host.EchoAck = (function() {

        /**
         * Properties of an EchoAck.
         * @typedef {Object} host.EchoAck.$Properties
         * @property {Long|null} [echoAckNum] EchoAck echoAckNum
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of an EchoAck.
         * @memberof host
         * @interface IEchoAck
         * @augments host.EchoAck.$Properties
         * @deprecated Use host.EchoAck.$Properties instead.
         */

        /**
         * Shape of an EchoAck.
         * @typedef {host.EchoAck.$Properties} host.EchoAck.$Shape
         */

        /**
         * Constructs a new EchoAck.
         * @memberof host
         * @classdesc Represents an EchoAck.
         * @constructor
         * @param {host.EchoAck.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const EchoAck = function (properties) {
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * EchoAck echoAckNum.
         * @member {Long} echoAckNum
         * @memberof host.EchoAck
         * @instance
         */
        EchoAck.prototype.echoAckNum = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

        /**
         * Encodes the specified EchoAck message. Does not implicitly {@link host.EchoAck.verify|verify} messages.
         * @function encode
         * @memberof host.EchoAck
         * @static
         * @param {host.EchoAck.$Properties} message EchoAck message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        EchoAck.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.echoAckNum != null && $Object.hasOwnProperty.call(message, "echoAckNum"))
                writer.uint32(/* id 8, wireType 0 =*/64).uint64(message.echoAckNum);
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes an EchoAck message from the specified reader or buffer.
         * @function decode
         * @memberof host.EchoAck
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {host.EchoAck & host.EchoAck.$Shape} EchoAck
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        EchoAck.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.host.EchoAck();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 8: {
                        if (wireType !== 0)
                            break;
                        message.echoAckNum = reader.uint64();
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        return EchoAck;
    })();

    return host;
})();

export {
  $root as default
};
