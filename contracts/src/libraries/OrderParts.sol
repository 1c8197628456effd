// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

/// @dev Where the part of an order that a payer gives lies in calldata.
type Bill is uint256;
/// @dev Where a lane, which orders of one solver and market have in common, lies in a message.
type Lane is uint256;
/// @dev Where one reported payment lies in a message.
type Payment is uint256;

/// @title The parts of an order that each side needs, and the order's id from either of them.
/// @notice All is packed without padding, numbers big-endian:
///
///     id         keccak256(parties ‖ offer ‖ keccak256(home part) ‖ keccak256(pay part))
///     parties    homeDomain 4 | homeEscrow 20 | payDomain 4 | payEscrow 20
///     offer      ask 16 | maxAsk 16 | exclusiveUntil 8
///     home part  lane ‖ lot
///     lane       market 32 | collateral 20 | debt 20 | terms 4 | solver 20
///     lot        positionKey 32 | repaid 16 | keeperFee 16 | routeFee 16 | bond 16 | latePenalty 16 | openBy 8
///     pay part   payToken 20 | payAmount 16 | payout 20 | fillDeadline 8 | keccak256(rest) 32
///     rest       intent 32 | quote 32 | treasury 20 | bridge 20 | expiresAt 8
///
///     bill       homeDomain 4 | homeEscrow 20 | offer 40 | keccak256(home part) 32 | pay part 96
///     report     reporter 20 ‖ run ‖ run …
///     run        lane 96 | count 1 | that many payments
///     payment    lot 120 | offer 40 | keccak256(pay part) 32 | beneficiary 20 | granted 16 | filledAt 8
///
/// A side never reads its own chain and address, nor those of a message's sender: it puts them into the hash itself. So
/// an order of other parties has another id, and what is said of it counts for that one alone.
library OrderParts {
    uint256 internal constant BILL_BYTES = 192;
    uint256 internal constant REPORTER_BYTES = 20;
    uint256 internal constant RUN_BYTES = LANE_BYTES + 1;
    uint256 internal constant PAYMENT_BYTES = 236;
    uint256 private constant LANE_BYTES = 96;
    uint256 private constant NO_PARTIES_BYTES = 216;

    // ---- a bill ----

    /// @notice The id of the order that a bill of this chain's escrow `payEscrow` belongs to.
    function idOf(Bill bill, uint32 payDomain, address payEscrow) internal pure returns (bytes32 id) {
        assembly ("memory-safe") {
            let free := mload(0x40)
            calldatacopy(free, bill, 24)
            mstore(add(free, 24), or(shl(224, payDomain), shl(64, payEscrow)))
            calldatacopy(add(free, 120), add(bill, 96), 96)
            let payPart := keccak256(add(free, 120), 96)
            calldatacopy(add(free, 48), add(bill, 24), 72)
            mstore(add(free, 120), payPart)
            id := keccak256(free, 152)
        }
    }

    function homeDomain(Bill bill) internal pure returns (uint32) {
        return uint32(_read(Bill.unwrap(bill), 224));
    }

    function homeEscrow(Bill bill) internal pure returns (address) {
        return address(uint160(_read(Bill.unwrap(bill) + 4, 96)));
    }

    function ask(Bill bill) internal pure returns (uint128) {
        return uint128(_read(Bill.unwrap(bill) + 24, 128));
    }

    function maxAsk(Bill bill) internal pure returns (uint128) {
        return uint128(_read(Bill.unwrap(bill) + 40, 128));
    }

    function exclusiveUntil(Bill bill) internal pure returns (uint64) {
        return uint64(_read(Bill.unwrap(bill) + 56, 192));
    }

    function payToken(Bill bill) internal pure returns (address) {
        return address(uint160(_read(Bill.unwrap(bill) + 96, 96)));
    }

    function payAmount(Bill bill) internal pure returns (uint128) {
        return uint128(_read(Bill.unwrap(bill) + 116, 128));
    }

    function payout(Bill bill) internal pure returns (address) {
        return address(uint160(_read(Bill.unwrap(bill) + 132, 96)));
    }

    function fillDeadline(Bill bill) internal pure returns (uint64) {
        return uint64(_read(Bill.unwrap(bill) + 152, 192));
    }

    // ---- a report ----

    /// @notice How many payments these runs hold; no answer when they are no whole runs, or one is empty.
    /// @param size Bytes of each payment, with what the caller put before it.
    function count(bytes calldata runs, uint256 size) internal pure returns (bool wellFormed, uint256 payments) {
        uint256 at;
        while (runs.length >= at + RUN_BYTES) {
            uint256 inRun = uint8(runs[at + LANE_BYTES]);
            if (inRun == 0) return (false, 0);
            payments += inRun;
            at += RUN_BYTES + inRun * size;
        }
        wellFormed = at == runs.length;
    }

    /// @notice Memory in which `idOf` puts an order's parts together: lane ‖ lot ‖ parties ‖ offer ‖ both hashes.
    function desk(uint32 homeDomain_, address homeEscrow_, uint32 payDomain, address payEscrow)
        internal
        pure
        returns (bytes memory)
    {
        return bytes.concat(
            new bytes(NO_PARTIES_BYTES),
            abi.encodePacked(homeDomain_, homeEscrow_, payDomain, payEscrow),
            new bytes(104) // offer and hashes
        );
    }

    /// @notice Puts a run's lane on the desk.
    function lay(bytes memory desk_, Lane lane) internal pure {
        uint256 size = LANE_BYTES;
        assembly ("memory-safe") {
            calldatacopy(add(desk_, 32), lane, size)
        }
    }

    /// @notice The id of the order that a payment of the lane on the desk belongs to.
    function idOf(Payment payment, bytes memory desk_) internal pure returns (bytes32 id) {
        assembly ("memory-safe") {
            let homePart := add(desk_, 32)
            let top := add(homePart, 216)
            calldatacopy(add(homePart, 96), payment, 120)
            calldatacopy(add(top, 48), add(payment, 120), 40)
            mstore(add(top, 88), keccak256(homePart, 216))
            calldatacopy(add(top, 120), add(payment, 160), 32)
            id := keccak256(top, 152)
        }
    }

    function market(Lane lane) internal pure returns (bytes32) {
        return bytes32(_read(Lane.unwrap(lane), 0));
    }

    function collateral(Lane lane) internal pure returns (address) {
        return address(uint160(_read(Lane.unwrap(lane) + 32, 96)));
    }

    function debt(Lane lane) internal pure returns (address) {
        return address(uint160(_read(Lane.unwrap(lane) + 52, 96)));
    }

    function terms(Lane lane) internal pure returns (uint32) {
        return uint32(_read(Lane.unwrap(lane) + 72, 224));
    }

    function solver(Lane lane) internal pure returns (address) {
        return address(uint160(_read(Lane.unwrap(lane) + 76, 96)));
    }

    /// @notice How many payments a run has.
    function length(Lane lane) internal pure returns (uint256) {
        return _read(Lane.unwrap(lane) + LANE_BYTES, 248);
    }

    function positionKey(Payment payment) internal pure returns (bytes32) {
        return bytes32(_read(Payment.unwrap(payment), 0));
    }

    function repaid(Payment payment) internal pure returns (uint256) {
        return _read(Payment.unwrap(payment) + 32, 128);
    }

    function keeperFee(Payment payment) internal pure returns (uint256) {
        return _read(Payment.unwrap(payment) + 48, 128);
    }

    function routeFee(Payment payment) internal pure returns (uint256) {
        return _read(Payment.unwrap(payment) + 64, 128);
    }

    function bond(Payment payment) internal pure returns (uint256) {
        return _read(Payment.unwrap(payment) + 80, 128);
    }

    function latePenalty(Payment payment) internal pure returns (uint256) {
        return _read(Payment.unwrap(payment) + 96, 128);
    }

    function openBy(Payment payment) internal pure returns (uint256) {
        return _read(Payment.unwrap(payment) + 112, 192);
    }

    function ask(Payment payment) internal pure returns (uint256) {
        return _read(Payment.unwrap(payment) + 120, 128);
    }

    function maxAsk(Payment payment) internal pure returns (uint256) {
        return _read(Payment.unwrap(payment) + 136, 128);
    }

    function exclusiveUntil(Payment payment) internal pure returns (uint256) {
        return _read(Payment.unwrap(payment) + 152, 192);
    }

    function beneficiary(Payment payment) internal pure returns (address) {
        return address(uint160(_read(Payment.unwrap(payment) + 192, 96)));
    }

    /// @notice Collateral units the pay escrow granted.
    function granted(Payment payment) internal pure returns (uint128) {
        return uint128(_read(Payment.unwrap(payment) + 212, 128));
    }

    function filledAt(Payment payment) internal pure returns (uint64) {
        return uint64(_read(Payment.unwrap(payment) + 228, 192));
    }

    /// @dev The number that starts at `at` in calldata; `beyond` are the bits of its word that are not its own.
    function _read(uint256 at, uint256 beyond) private pure returns (uint256 value) {
        assembly ("memory-safe") {
            value := shr(beyond, calldataload(at))
        }
    }
}
