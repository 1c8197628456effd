// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Fill, Order} from "../../src/types/Types.sol";

/// @title What off-chain software computes: an order's id and bill, a report's payments, both sides' messages.
/// @notice Written against the layout in `OrderParts`, and sharing no code with it.
library Encodings {
    function id(Order memory o) internal pure returns (bytes32) {
        bytes memory parties = abi.encodePacked(o.homeDomain, o.homeEscrow, o.payDomain, o.payEscrow);
        return
            keccak256(
                bytes.concat(parties, _offer(o), keccak256(bytes.concat(lane(o), _lot(o))), keccak256(_payPart(o)))
            );
    }

    /// @dev What `RepaymentEscrow.fill` takes.
    function bill(Order memory o) internal pure returns (bytes memory) {
        return bytes.concat(
            abi.encodePacked(o.homeDomain, o.homeEscrow),
            _offer(o),
            keccak256(bytes.concat(lane(o), _lot(o))),
            _payPart(o)
        );
    }

    /// @dev What `RepaymentEscrow.report` takes.
    function payments(Fill[] memory fills) internal pure returns (bytes memory) {
        return _runs(fills, true);
    }

    /// @dev What it sends home.
    function reportBody(Fill[] memory fills, address reporter) internal pure returns (bytes memory) {
        return bytes.concat(bytes20(reporter), _runs(fills, false));
    }

    /// @dev What `CollateralEscrow.sendVerdicts` sends.
    function verdicts(bytes32[] memory ids, bool[] memory accepted) internal pure returns (bytes memory) {
        uint64 bits;
        for (uint256 i; i < accepted.length; ++i) {
            if (accepted[i]) bits += uint64(2 ** i);
        }
        return abi.encodePacked(bits, ids);
    }

    function lane(Order memory o) internal pure returns (bytes memory) {
        return abi.encodePacked(o.market, o.collateral, o.debt, o.terms, o.solver);
    }

    function _lot(Order memory o) private pure returns (bytes memory) {
        return abi.encodePacked(o.positionKey, o.repaid, o.keeperFee, o.routeFee, o.bond, o.latePenalty, o.openBy);
    }

    function _offer(Order memory o) private pure returns (bytes memory) {
        return abi.encodePacked(o.ask, o.maxAsk, o.exclusiveUntil);
    }

    function _payPart(Order memory o) private pure returns (bytes memory) {
        bytes32 rest = keccak256(abi.encodePacked(o.intent, o.quote, o.treasury, o.bridge, o.expiresAt));
        return abi.encodePacked(o.payToken, o.payAmount, o.payout, o.fillDeadline, rest);
    }

    /// @dev Fills of one lane in a row share a run.
    function _runs(Fill[] memory fills, bool withPayers) private pure returns (bytes memory runs) {
        for (uint256 i; i < fills.length;) {
            bytes memory shared = lane(fills[i].order);
            bytes memory run;
            uint8 count;
            while (i < fills.length && keccak256(lane(fills[i].order)) == keccak256(shared)) {
                if (withPayers) run = abi.encodePacked(run, fills[i].payer);
                run = bytes.concat(run, _payment(fills[i]));
                ++count;
                ++i;
            }
            runs = bytes.concat(runs, shared, bytes1(count), run);
        }
    }

    function _payment(Fill memory it) private pure returns (bytes memory) {
        return bytes.concat(
            _lot(it.order),
            _offer(it.order),
            keccak256(_payPart(it.order)),
            abi.encodePacked(it.beneficiary, it.ask, it.filledAt)
        );
    }
}
