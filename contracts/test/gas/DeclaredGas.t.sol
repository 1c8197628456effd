// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Fill, Intent, Order} from "../../src/types/Types.sol";
import {Encodings} from "../base/Encodings.sol";
import {GavelTest} from "../base/GavelTest.sol";
import {MoodyToken} from "../base/MockTokens.sol";

/// @title What a report declares to the gas paymaster, against what its dearest items use.
contract DeclaredGasTest is GavelTest {
    /// The gas a report declares is enough for the dearest items: each of an expired order of another solver, paid
    /// late, reimbursed, and its payee burns all the gas of the push.
    function test_Late_DeclaredGasSuffices() public {
        for (uint256 count = 1; count <= 25; count += 12) {
            uint256 snapshot = cheats.snapshotState();
            _declaredGasSuffices(count);
            cheats.revertToState(snapshot);
        }
    }

    function _declaredGasSuffices(uint256 count) private {
        home.vault.setReimbursement(PAY_DOMAIN, 1e6);
        Fill[] memory fills = new Fill[](count);
        Solver[] memory solvers = new Solver[](count);
        for (uint256 i; i < count; ++i) {
            solvers[i] = _solver(vm.toString(i));
        }
        vm.warp(block.timestamp + BOND_DELAY);
        for (uint256 i; i < count; ++i) {
            Intent memory intent = _intent(home, _underwater(home, bytes32(i + 100)));
            (, Order memory opened) = _open(home, _landingOf(home, intent, solvers[i], 2.6 ether, PAY_DOMAIN));
            fills[i] = Fill(opened, stranger, makeAddr(vm.toString(i)), opened.maxAsk - 1, opened.fillDeadline);
        }
        vm.warp(fills[0].order.expiresAt + 1);
        for (uint256 i; i < count; ++i) {
            home.collateral.expire(fills[i].order);
        }
        MoodyToken moody = new MoodyToken(18);
        vm.etch(address(home.ether_), address(moody).code);
        for (uint256 i; i < count; ++i) {
            MoodyToken(address(home.ether_)).setMood(fills[i].beneficiary, MoodyToken.Mood.BurningGas);
        }
        bytes memory call = abi.encodeCall(
            home.collateral.handle,
            (PAY_DOMAIN, bytes32(uint256(uint160(address(pay.repayment)))), Encodings.reportBody(fills, keeper))
        );
        uint256 declared = home.collateral.HANDLE_BASE_GAS() + count * home.collateral.HANDLE_ITEM_GAS();
        vm.startPrank(address(home.mailbox));
        cheats.cool(address(home.collateral));
        cheats.cool(address(home.vault));
        cheats.cool(address(home.bonds));
        cheats.cool(address(home.registry));
        cheats.cool(address(home.ether_));
        (bool ok,) = address(home.collateral).call{gas: declared}(call);
        vm.stopPrank();
        assertTrue(ok);
        for (uint256 i; i < count; ++i) {
            assertEq(home.collateral.credits(address(home.ether_), fills[i].beneficiary), fills[i].ask);
        }
    }
}
