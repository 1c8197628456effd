// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IMailbox} from "../../src/interfaces/external/IMailbox.sol";
import {Test} from "forge-std/Test.sol";
import {Vm} from "forge-std/Vm.sol";

/// @title What the tests use of Hyperlane's Mailbox beyond what the escrows do.
interface IHyperlaneMailbox is IMailbox {
    function initialize(address owner, address defaultIsm, address defaultHook, address requiredHook) external;
    function process(bytes calldata metadata, bytes calldata message) external payable;
    function delivered(bytes32 messageId) external view returns (bool);
}

/// @notice A mock security module: lets every message through unless told otherwise.
contract MockPassThroughIsm {
    bool public refusing;

    function setRefusing(bool refusing_) external {
        refusing = refusing_;
    }

    /// @dev 6 is Hyperlane's NULL: no metadata needed.
    function moduleType() external pure returns (uint8) {
        return 6;
    }

    function verify(bytes calldata, bytes calldata) external view returns (bool) {
        return !refusing;
    }
}

/// @title Real Mailboxes, Merkle tree hooks and protocol fees, from the creation code Hyperlane publishes.
abstract contract HyperlaneFixture is Test {
    string private constant FACTORIES = "../node_modules/@hyperlane-xyz/core/dist/typechain/factories/contracts/";
    bytes32 private constant DISPATCH = keccak256("Dispatch(address,uint32,bytes32,bytes)");
    /// @dev version (1) | nonce (4) | origin (4) | sender (32) | destination (4) | recipient (32) | body
    uint256 private constant DESTINATION_AT = 41;

    /// @notice What every dispatch costs at the required hook, in wei.
    uint256 internal constant MESSAGE_FEE = 0.001 ether;

    mapping(uint32 domain => IHyperlaneMailbox) internal mailboxes;
    mapping(uint32 domain => MockPassThroughIsm) internal isms;

    /// @notice Deploys a Mailbox with a Merkle tree as default hook, a protocol fee as required hook, and a mock
    /// module.
    function _deployMailbox(uint32 domain) internal returns (IHyperlaneMailbox mailbox) {
        mailbox = IHyperlaneMailbox(_createHyperlane("Mailbox__factory.js", abi.encode(domain)));
        MockPassThroughIsm ism = new MockPassThroughIsm();
        address tree = _createHyperlane("hooks/MerkleTreeHook__factory.js", abi.encode(address(mailbox)));
        address fee = _createHyperlane(
            "hooks/ProtocolFee__factory.js", abi.encode(1 ether, MESSAGE_FEE, address(this), address(this))
        );
        mailbox.initialize(address(this), address(ism), tree, fee);
        mailboxes[domain] = mailbox;
        isms[domain] = ism;
    }

    /// @notice Delivers a message through the real Mailbox of its destination.
    function _deliver(bytes memory message) internal {
        mailboxes[_destinationOf(message)].process("", message);
    }

    /// @notice The messages dispatched since `vm.recordLogs`, in order. Takes the recorded logs.
    function _dispatched() internal returns (bytes[] memory messages) {
        return _dispatchedIn(vm.getRecordedLogs());
    }

    function _dispatchedIn(Vm.Log[] memory logs) internal pure returns (bytes[] memory messages) {
        uint256 count;
        for (uint256 i; i < logs.length; ++i) {
            if (logs[i].topics[0] == DISPATCH) ++count;
        }
        messages = new bytes[](count);
        for (uint256 i = logs.length; i > 0; --i) {
            if (logs[i - 1].topics[0] == DISPATCH) messages[--count] = abi.decode(logs[i - 1].data, (bytes));
        }
    }

    function _destinationOf(bytes memory message) private pure returns (uint32 domain) {
        for (uint256 i; i < 4; ++i) {
            domain = domain << 8 | uint8(message[DESTINATION_AT + i]);
        }
    }

    function _createHyperlane(string memory factory, bytes memory arguments) private returns (address created) {
        string memory source = vm.readFile(string.concat(FACTORIES, factory));
        string memory code = vm.split(vm.split(source, "const _bytecode = \"")[1], "\"")[0];
        bytes memory init = bytes.concat(vm.parseBytes(code), arguments);
        assembly ("memory-safe") {
            created := create(0, add(init, 32), mload(init))
        }
        assertTrue(created.code.length != 0, factory);
    }
}
