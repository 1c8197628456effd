// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IMailbox, IMessageRecipient, ISpecifiesInterchainSecurityModule} from "./interfaces/external/IMailbox.sol";
import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {Address} from "@openzeppelin/contracts/utils/Address.sol";

/// @title What both escrows share: sending through and hearing from Hyperlane's Mailbox.
abstract contract MessageClient is IMessageRecipient, ISpecifiesInterchainSecurityModule, AccessManaged {
    /// @notice Gas the destination needs besides its items, and for each item; told to the gas paymaster. The usual
    /// item of a report uses 38,000 in a batch of nine (test/gas); the dearest one, of an expired order of another
    /// solver, paid late, to a payee that burns all the gas of its push, 240,000. The base covers what a bounded push
    /// must find left before it starts, so that a message delivered with no more gas than this settles.
    uint256 public constant HANDLE_BASE_GAS = 230_000;
    uint256 public constant HANDLE_ITEM_GAS = 245_000;
    /// @notice The same for a message of verdicts, whose items change one word each: 8,400 measured.
    uint256 public constant VERDICT_BASE_GAS = 60_000;
    uint256 public constant VERDICT_ITEM_GAS = 15_000;
    /// @notice Most items of one message, so that no message outgrows a block: 64 fills declare 15.9 million gas.
    /// The most a transaction may have on many chains is 16.7.
    uint256 public constant MAX_ITEMS = 64;
    uint16 private constant METADATA_VARIANT = 1;

    IMailbox public immutable mailbox;
    /// @notice Hyperlane's domain of this chain, which need not be its chain id.
    uint32 public immutable localDomain;
    /// @notice Verifies messages for this contract; zero means the Mailbox's default.
    address public interchainSecurityModule;

    event SecurityModuleSet(address indexed module);

    error OnlyMailbox();
    error NotAnAddress(bytes32 sender);
    error TooManyItems(uint256 items, uint256 most);
    error UnexpectedValue(uint256 value);
    error FeeTooLow(uint256 got, uint256 needed);

    constructor(IMailbox mailbox_) {
        mailbox = mailbox_;
        localDomain = mailbox_.localDomain();
    }

    /// @notice Names the module that verifies messages to this contract. Restricted, delayed by the access manager.
    function setSecurityModule(address module) external restricted {
        interchainSecurityModule = module;
        emit SecurityModuleSet(module);
    }

    /// @notice Delivers a verified message. Mailbox only.
    function handle(uint32 origin, bytes32 sender, bytes calldata body) external payable {
        if (msg.sender != address(mailbox)) revert OnlyMailbox();
        if (msg.value != 0) revert UnexpectedValue(msg.value); // it could never leave again
        if (uint256(sender) >> 160 != 0) revert NotAnAddress(sender);
        _handle(origin, address(uint160(uint256(sender))), body);
    }

    function _handle(uint32 origin, address sender, bytes calldata body) internal virtual;

    /// @dev Pays exactly the quoted fee and returns the excess to the caller.
    function _dispatch(uint32 domain, address recipient, bytes memory body, uint256 items)
        internal
        returns (bytes32 messageId)
    {
        bytes32 to = bytes32(uint256(uint160(recipient)));
        bytes memory metadata = _metadata(items);
        uint256 fee = mailbox.quoteDispatch(domain, to, body, metadata);
        if (msg.value < fee) revert FeeTooLow(msg.value, fee);
        messageId = mailbox.dispatch{value: fee}(domain, to, body, metadata);
        if (msg.value > fee) Address.sendValue(payable(msg.sender), msg.value - fee);
    }

    function _quote(uint32 domain, address recipient, bytes memory body, uint256 items)
        internal
        view
        returns (uint256)
    {
        return mailbox.quoteDispatch(domain, bytes32(uint256(uint160(recipient))), body, _metadata(items));
    }

    /// @dev Gas the destination needs for this client's messages; a verdict's unless overridden.
    function _gasFor(uint256 items) internal pure virtual returns (uint256) {
        return VERDICT_BASE_GAS + items * VERDICT_ITEM_GAS;
    }

    /// @dev Hyperlane's standard hook metadata: variant, native value, gas limit, refund address.
    function _metadata(uint256 items) private view returns (bytes memory) {
        if (items > MAX_ITEMS) revert TooManyItems(items, MAX_ITEMS);
        return abi.encodePacked(METADATA_VARIANT, uint256(0), _gasFor(items), msg.sender);
    }
}
